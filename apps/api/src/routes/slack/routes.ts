import { Router } from 'express';
import { once } from '../../once.js';
import { methodNotAllowed } from '../../http/method-not-allowed.js';
import { API_MOUNTS } from '../api-mounts.js';
import type { SlackRouteOptions } from './bolt-router.js';
import { explainRefusals, freshTimestamp, plainFormType } from './guard.js';
import { slackWebhook } from './operations.js';

const ADDRESSES = API_MOUNTS.map((mount) => mount + slackWebhook.path);

/**
 * `/slack/webhook` at each of the API's mounts: signed clicks, modals, commands, events and `url_verification`. Reads the
 * body itself, so it stands before any body parser. Bolt is loaded with the first request that comes so far: an API that
 * only takes deployments never needs its tenth of the memory.
 */
export function slackRoutes(options: SlackRouteOptions): Router {
  const answering = once(async () => (await import('./bolt-router.js')).boltRouter(options, ADDRESSES));
  const router = Router();
  for (const address of ADDRESSES) {
    router.post(address, freshTimestamp, plainFormType, explainRefusals, async (request, response, next) => {
      const answer = await answering();
      answer(request, response, next);
    });
    router.all(address, methodNotAllowed('POST'));
  }
  return router;
}
