import type { BlockAction, ButtonAction } from '@slack/bolt';
import type { DecisionKind } from '@deptracker/domain';
import { messageTs, slackId, userIdOf } from './plain-id.js';
import type { SlackDecision } from './slack-decision.js';

/** A press of Approve or Reject, as Slack tells it. */
export interface Click extends SlackDecision {
  /** Opens one modal, within three seconds. */
  readonly triggerId: string | null;
}

/** Reads a click; the same click delivered again has the same key. */
export function asClick(body: BlockAction, action: ButtonAction, decision: DecisionKind, teamId: string): Click {
  const container = body.container as Readonly<Record<string, unknown>> | undefined;
  const place = {
    channelId: slackId(body.channel?.id ?? container?.['channel_id']),
    messageTs: messageTs(body.message?.ts ?? container?.['message_ts']),
  };
  const userId = userIdOf(body.user);
  const { trigger_id: triggerId } = body as { trigger_id?: unknown };
  return {
    ...place,
    deploymentId: typeof action.value === 'string' ? action.value : '',
    decision,
    reason: null,
    teamId,
    userId,
    fromHome: body.view?.type === 'home',
    triggerId: typeof triggerId === 'string' && triggerId !== '' ? triggerId : null,
    key: ['slack.click', teamId, place.messageTs, action.action_ts, userId, decision].join(':'),
  };
}
