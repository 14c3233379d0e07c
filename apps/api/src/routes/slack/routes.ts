import bolt, { type BlockAction, type ButtonAction } from '@slack/bolt';
import { type Response, Router } from 'express';
import type { DecisionKind } from '@deptracker/domain';
import { type Logger, failpoint, withTimeout } from '@deptracker/runtime';
import { APPROVE_ACTION, REJECT_ACTION } from '@deptracker/views';
import { noteDeployment } from '../../http/access-log.js';
import { methodNotAllowed } from '../../http/method-not-allowed.js';
import { requestIdOf } from '../../http/request-id.js';
import { API_MOUNTS } from '../api-mounts.js';
import { boltLogger } from './bolt-logger.js';
import { asClick } from './click.js';
import { type ClickOptions, decideClick } from './decide-click.js';
import { explainRefusals, freshTimestamp, plainFormType } from './guard.js';
import { slackWebhook } from './operations.js';
import { RESPONSE, createReceiver } from './receiver.js';
import { type Workspace, assertOurs } from './workspace.js';

export interface SlackRouteOptions extends ClickOptions {
  readonly signingSecret: string;
  readonly workspace: Workspace;
  readonly logger: Logger;
}

/** Slack shows a failure after three seconds; the answer must be there before. */
const CLICK_MS = 2_500;

const ADDRESSES = API_MOUNTS.map((mount) => mount + slackWebhook.path);

function listen(app: bolt.App, options: SlackRouteOptions): void {
  // Inside the limit, because our workspace may have to be asked for first.
  app.use(async ({ body, context, next }) => {
    await withTimeout(
      async () => {
        const ours = await options.workspace();
        assertOurs(ours, body);
        context['workspace'] = ours;
        await next();
      },
      CLICK_MS,
      'A request of Slack',
    );
  });
  const on = (actionId: string, decision: DecisionKind): void => {
    app.action<BlockAction<ButtonAction>>(
      { type: 'block_actions', action_id: actionId },
      async ({ body, action, context, ack }) => {
        const response = context[RESPONSE] as Response;
        const click = asClick(body, action, decision, String(context['workspace']));
        const deployment = await decideClick(options, click, requestIdOf(response));
        if (deployment !== null) noteDeployment(response, deployment);
        failpoint('after_decision');
        await ack();
      },
    );
  };
  on(APPROVE_ACTION, 'approve');
  on(REJECT_ACTION, 'reject');
}

/**
 * `/slack/webhook` at each of the API's mounts: signed clicks and `url_verification`. Reads the body itself, so it
 * stands before any body parser.
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
  listen(app, options);
  const router = Router();
  for (const address of ADDRESSES) router.post(address, freshTimestamp, plainFormType, explainRefusals);
  router.use(receiver.router);
  for (const address of ADDRESSES) router.all(address, methodNotAllowed('POST'));
  return router;
}
