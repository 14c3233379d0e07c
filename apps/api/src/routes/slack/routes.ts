import bolt from '@slack/bolt';
import { Router } from 'express';
import { type Logger, withTimeout } from '@deptracker/runtime';
import { methodNotAllowed } from '../../http/method-not-allowed.js';
import { API_MOUNTS } from '../api-mounts.js';
import { boltLogger } from './bolt-logger.js';
import { explainRefusals, freshTimestamp, plainFormType } from './guard.js';
import type { InteractiveOptions } from './interactive-options.js';
import { listen } from './listeners.js';
import { slackWebhook } from './operations.js';
import { createReceiver } from './receiver.js';
import { type Workspace, assertOurs } from './workspace.js';

export interface SlackRouteOptions extends InteractiveOptions {
  readonly signingSecret: string;
  readonly workspace: Workspace;
  readonly logger: Logger;
}

/** Slack shows a failure after three seconds; the answer must be there before. */
const CLICK_MS = 2_500;

const ADDRESSES = API_MOUNTS.map((mount) => mount + slackWebhook.path);

/** Inside the limit, because our workspace may have to be asked for first. */
function onlyOurs(app: bolt.App, workspace: Workspace): void {
  app.use(async ({ body, context, next }) => {
    await withTimeout(
      async () => {
        const ours = await workspace();
        assertOurs(ours, body);
        context['workspace'] = ours;
        await next();
      },
      CLICK_MS,
      'A request of Slack',
    );
  });
}

/**
 * `/slack/webhook` at each of the API's mounts: signed clicks, modals, commands, events and `url_verification`. Reads the
 * body itself, so it stands before any body parser.
 */
export function slackRoutes(options: SlackRouteOptions): Router {
  const receiver = createReceiver(options.signingSecret, ADDRESSES, options.logger);
  const app = new bolt.App({
    receiver,
    logger: boltLogger(options.logger),
    // Nothing that Bolt would do with a token is wanted, least of all auth.test at start.
    authorize: () => Promise.resolve({}),
    convoStore: false,
    extendedErrorHandler: false,
  });
  app.error((error) => Promise.reject(error));
  onlyOurs(app, options.workspace);
  listen(app, options);
  const router = Router();
  for (const address of ADDRESSES) router.post(address, freshTimestamp, plainFormType, explainRefusals);
  router.use(receiver.router);
  for (const address of ADDRESSES) router.all(address, methodNotAllowed('POST'));
  return router;
}
