import type { SlackMessage } from '@deptracker/store';

/** A message as the API shows it. */
export function presentSlackMessage(message: SlackMessage): object {
  return {
    id: message.id,
    deploymentId: message.deploymentId,
    kind: message.kind,
    channelId: message.channelId,
    ts: message.ts,
    threadTs: message.threadTs,
    phase: message.phase,
    lastError: message.lastError,
    owedAt: message.owedAt.toISOString(),
    postedAt: message.postedAt?.toISOString() ?? null,
    updatedAt: message.updatedAt.toISOString(),
  };
}
