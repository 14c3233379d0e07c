import Joi from 'joi';
import type { Description } from '../operation.js';
import { shown } from '../shown.js';

const PLAIN = Joi.string().pattern(/^[\w.:-]{1,64}$/);
const BLOCKS = Joi.array().items(Joi.object().unknown(true));

/** Slack's webhook: described here, answered by Bolt in `routes.ts`. */
export const slackWebhook: Description = {
  method: 'post',
  path: '/slack/webhook',
  operationId: 'receiveFromSlack',
  tag: 'Slack',
  summary: 'Take what Slack sends',
  description:
    'For Slack only: presses of buttons, submitted modals and slash commands as forms; events and `url_verification` as ' +
    'JSON. Signed with `SLACK_SIGNING_SECRET`, at most five minutes old, from our workspace. 200 means that it was handled, ' +
    'also where the rules refused it and the person was told so. What is not known is acknowledged and ignored.',
  headers: {
    timestamp: {
      name: 'X-Slack-Request-Timestamp',
      schema: Joi.string().pattern(/^\d{1,12}$/),
      description: 'When Slack sent it, in seconds; at most five minutes off.',
      read: () => undefined,
    },
    signature: {
      name: 'X-Slack-Signature',
      schema: Joi.string(),
      description: 'HMAC-SHA256 of timestamp and body with the signing secret.',
      read: () => undefined,
    },
  },
  bodyType: 'application/x-www-form-urlencoded',
  body: Joi.alternatives().try(
    Joi.object({ payload: Joi.string().required().description('JSON, as Slack has it: what was pressed or submitted.') }),
    Joi.object({
      command: Joi.string().pattern(/^\/[!-~]{1,100}$/).required().description('A slash command.').example('/deployments'),
      text: Joi.string().allow('').max(4_000).required().description('What was written after it.').example('what production'),
      team_id: PLAIN.required(),
      user_id: PLAIN.required(),
      channel_id: PLAIN,
      trigger_id: PLAIN,
    }),
  ),
  answers: {
    200: {
      description: 'Handled. The body is empty but for `url_verification`, commands, and modals that do not close.',
      schema: Joi.alternatives().try(
        shown({ challenge: Joi.string() }),
        shown({ response_type: Joi.string().valid('ephemeral'), text: Joi.string(), blocks: BLOCKS.optional() }),
        shown({ response_action: Joi.string().valid('errors'), errors: Joi.object().pattern(Joi.string(), Joi.string()) }),
        shown({ response_action: Joi.string().valid('update'), view: Joi.object().unknown(true) }),
      ),
    },
  },
  problems: ['unauthentic', 'wrong-workspace'],
  example: {
    headers: { 'X-Slack-Request-Timestamp': '1795191545', 'X-Slack-Signature': `v0=${'0'.repeat(64)}` },
    body: {
      payload: JSON.stringify({
        type: 'block_actions',
        team: { id: 'T0SANDBOX' },
        user: { id: 'UALICE' },
        actions: [{ type: 'button', action_id: 'deptracker_approve', value: '01a1f9c1-1f18-73d2-9c31-723516cb0a45', action_ts: '1795191549.1' }],
      }),
    },
  },
};
