import Joi from 'joi';
import type { Description } from '../operation.js';

/** Slack's webhook: described here, answered by Bolt in `routes.ts`. */
export const slackWebhook: Description = {
  method: 'post',
  path: '/slack/webhook',
  operationId: 'receiveFromSlack',
  tag: 'Slack',
  summary: 'Take what Slack sends',
  description:
    'For Slack only: presses of buttons and `url_verification`. Signed with `SLACK_SIGNING_SECRET`, at most five minutes ' +
    'old, from our workspace. 200 means that it was handled, also where the rules refused it and the person was told so. ' +
    'What is not known is acknowledged and ignored.',
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
  body: Joi.object({ payload: Joi.string().required().description('JSON, as Slack has it.') }),
  answers: {
    200: {
      description: 'Handled; an empty body but for `url_verification`.',
      schema: Joi.object({ challenge: Joi.string().required() }),
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
