import type { SlackMessage } from '@deptracker/store';
import { iso } from '../../http/iso.js';

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
    owedAt: iso(message.owedAt),
    postedAt: iso(message.postedAt),
    updatedAt: iso(message.updatedAt),
  };
}
