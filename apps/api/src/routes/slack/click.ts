import type { BlockAction, ButtonAction } from '@slack/bolt';
import type { DecisionKind } from '@deptracker/domain';
import { HttpRefusal } from '../../http/http-refusal.js';

/** A press of Approve or Reject, as Slack tells it. */
export interface Click {
  /** What the button carries; from outside, so it may be no id at all. */
  readonly deploymentId: string;
  readonly decision: DecisionKind;
  readonly teamId: string;
  readonly userId: string;
  /** Where the message stands; Slack leaves these out of some payloads. */
  readonly channelId: string | null;
  readonly messageTs: string | null;
  /** Names this click among all of this person on this message. */
  readonly key: string;
}

const SLACK_ID = /^[A-Z0-9]{1,40}$/;
const TIMESTAMP = /^\d{1,20}\.\d{1,10}$/;

/** Null where Slack left it out; what Slack would never send is refused before anything is looked up with it. */
function checked(value: unknown, form: RegExp): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && form.test(value)) return value;
  throw new HttpRefusal('malformed-json', 'The payload is not one that Slack sends.');
}

/** Reads a click; the same click delivered again has the same key. */
export function asClick(body: BlockAction, action: ButtonAction, decision: DecisionKind, teamId: string): Click {
  const container = body.container as Readonly<Record<string, unknown>> | undefined;
  const channelId = checked(body.channel?.id ?? container?.['channel_id'], SLACK_ID);
  const messageTs = checked(body.message?.ts ?? container?.['message_ts'], TIMESTAMP);
  const userId = checked((body.user as { id?: unknown } | null)?.id, SLACK_ID);
  if (userId === null) throw new HttpRefusal('malformed-json', 'The payload does not say who pressed the button.');
  return {
    deploymentId: typeof action.value === 'string' ? action.value : '',
    decision,
    teamId,
    userId,
    channelId,
    messageTs,
    key: ['slack.click', teamId, messageTs, action.action_ts, userId, decision].join(':'),
  };
}
