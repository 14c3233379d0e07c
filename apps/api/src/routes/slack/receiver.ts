import bolt from '@slack/bolt';
import type { Request, Response } from 'express';
import type { Logger } from '@deptracker/runtime';
import { logFault, sendProblem } from '../../http/problem.js';
import { boltLogger } from './bolt-logger.js';
import { assertPayload } from './payload.js';

/** The request that a payload came with, as Bolt hands it to our handlers. */
export const RESPONSE = 'expressResponse';

/** Slack's payloads are small; a message with all its blocks stays far below this. */
const BODY_LIMIT = '1mb';

interface Failed {
  readonly error: Error & { readonly original?: Error };
  readonly request: unknown;
  readonly response: unknown;
}

/** Payloads that nobody handles are acknowledged at once; Bolt would let them wait for three seconds and answer 404. */
class AcknowledgingReceiver extends bolt.ExpressReceiver {
  override async requestHandler(request: Request, response: Response): Promise<void> {
    assertPayload(request.body);
    await super.requestHandler(request, response);
    if (!response.headersSent) response.status(200).end();
  }
}

/** Verifies, parses and answers Slack's requests at these addresses. A failing handler makes the answer a problem. */
export function createReceiver(signingSecret: string, addresses: readonly string[], logger: Logger): bolt.ExpressReceiver {
  return new AcknowledgingReceiver({
    signingSecret,
    endpoints: Object.fromEntries(addresses.map((address) => [address, address])),
    processBeforeResponse: true,
    bodyLimit: BODY_LIMIT,
    logger: boltLogger(logger),
    customPropertiesExtractor: ({ res }) => ({ [RESPONSE]: res }),
    unhandledRequestHandler: () => undefined,
    processEventErrorHandler: ({ error, request, response }: Failed) => {
      // Bolt wraps what has no code of its own.
      const cause = error.original ?? error;
      logFault(logger, response as Response, cause);
      sendProblem(request as Request, response as Response, cause);
      return Promise.resolve(true);
    },
  });
}
