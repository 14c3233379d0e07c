import express, { type RequestHandler, Router } from 'express';
import { receiveIssue } from '@deptracker/application';
import type { Database } from '@deptracker/store';
import { HttpRefusal } from '../../http/http-refusal.js';
import { methodNotAllowed } from '../../http/method-not-allowed.js';
import { API_MOUNTS } from '../api-mounts.js';
import { jiraWebhook } from './operations.js';
import { asNews } from './payload.js';
import { assertSigned, deliveryOf } from './signature.js';

export interface JiraRouteOptions {
  readonly database: Database;
  /** Null takes nothing. */
  readonly secret: string | null;
  /** The address of the one Jira site that is listened to. */
  readonly site: string | null;
}

/** What Jira sends stays far below this. */
const BODY_LIMIT = 1024 * 1024;

const ADDRESSES = API_MOUNTS.map((mount) => mount + jiraWebhook.path);

// The signature is over the bytes as they came, so nothing may unpack or parse them before.
const rawBody = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false });

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new HttpRefusal('malformed-json', 'The body is not JSON.');
  }
}

/**
 * `/jira/webhook` at each of the API's mounts. What cannot be stored now is 503, so that Jira sends it again; nothing is
 * remembered of it until then.
 */
export function jiraRoutes({ database, secret, site }: JiraRouteOptions): Router {
  const open: RequestHandler = (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    if (secret === null) throw new HttpRefusal('not-found', 'Nothing is taken from Jira here: JIRA_WEBHOOK_SECRET is not set.');
    next();
  };
  const receive: RequestHandler = async (request, response) => {
    // Without a body none is read.
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    assertSigned(request, body, secret ?? '');
    const delivery = deliveryOf(request);
    if (request.is('application/json') === false) {
      throw new HttpRefusal('unsupported-media-type', 'Content-Type must be application/json.', { headers: { Accept: 'application/json' } });
    }
    const news = asNews(parsed(body), site ?? '');
    const outcome = news === null ? 'ignored' : await receiveIssue(database, { ...news, key: `jira.webhook:${delivery}` });
    response.json({ outcome });
  };
  const router = Router();
  for (const address of ADDRESSES) router.post(address, open, rawBody, receive);
  for (const address of ADDRESSES) router.all(address, methodNotAllowed('POST'));
  return router;
}
