import bolt from '@slack/bolt';
import type { Router } from 'express';
import { type Logger, withTimeout } from '@deptracker/runtime';
import { boltLogger } from './bolt-logger.js';
import type { InteractiveOptions } from './interactive-options.js';
import { listen } from './listeners.js';
import { createReceiver } from './receiver.js';
import { type Workspace, assertOurs } from './workspace.js';

export interface SlackRouteOptions extends InteractiveOptions {
  readonly signingSecret: string;
  readonly workspace: Workspace;
  readonly logger: Logger;
}

/** Slack shows a failure after three seconds; the answer must be there before. */
const CLICK_MS = 2_500;

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

/** What answers Slack's signed requests at these addresses. */
export function boltRouter(options: SlackRouteOptions, addresses: readonly string[]): Router {
  const receiver = createReceiver(options.signingSecret, addresses, options.logger);
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
  return receiver.router as Router;
}
