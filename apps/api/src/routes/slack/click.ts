import type { BlockAction, ButtonAction } from '@slack/bolt';
import type { DecisionKind } from '@deptracker/domain';

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

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Reads a click; the same click delivered again has the same key. */
export function asClick(body: BlockAction, action: ButtonAction, decision: DecisionKind, teamId: string): Click {
  const container = body.container as Readonly<Record<string, unknown>> | undefined;
  const channelId = text(body.channel?.id) ?? text(container?.['channel_id']);
  const messageTs = text(body.message?.ts) ?? text(container?.['message_ts']);
  const userId = body.user.id;
  return {
    deploymentId: action.value ?? '',
    decision,
    teamId,
    userId,
    channelId,
    messageTs,
    key: ['slack.click', teamId, messageTs, action.action_ts, userId, decision].join(':'),
  };
}
