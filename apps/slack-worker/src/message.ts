import { createHash } from 'node:crypto';
import type { Standing } from '@deptracker/reconcile';
import type { CallOptions } from '@deptracker/resilience';
import type { OwnMessage, SlackClient, SlackMetadata, SlackScopes } from '@deptracker/slack';
import { type Database, type Effect, type Fresh, type Subjects, saveMessage } from '@deptracker/store';
import type { Templates } from '@deptracker/views';

export interface MessageReconcilerOptions {
  readonly database: Database;
  readonly subjects: Subjects;
  readonly slack: SlackClient;
  readonly scopes: SlackScopes;
  readonly templates: Pick<Fresh<Templates>, 'get'>;
}

// How far Slack's clock, which names messages, may be behind the database's, which says when we sent.
const CLOCK_MARGIN_S = 120;

// How long after it was sent a request can still be applied. Without this end the look-ups of a row that cannot be looked
// up for long would read ever more pages, each with a permit of its own, until one lease is too short for all of them.
const APPLIED_WITHIN_S = 300;

/** The mark by which a message is found again: its effect. The type says what kind it is, e.g. `deptracker_approval`. */
export function markOf(effect: Effect): SlackMetadata {
  return { event_type: effect.kind.replace('slack.', 'deptracker_'), event_payload: { effect_id: effect.id } };
}

/** The hash of what a message shows; null never equals one. */
export function hashOf(message: object): string {
  return createHash('sha256').update(JSON.stringify(message)).digest('base64url');
}

/** A message that was just posted; `wakes` and `withoutTicket` as `Kept` has them. */
export function postedAt(effect: Effect, ts: string, contentHash: string | null, threadTs: string | null, wakes: string | null, withoutTicket = false): Standing {
  const { id: effectId, deploymentId, kind, destination: channelId } = effect;
  const message = { effectId, deploymentId, kind, channelId, ts, contentHash, threadTs };
  return { ...standingAt(effect, ts, contentHash, threadTs), kept: { message, wakes, withoutTicket } };
}

/** A message that stands at `ts`, with the hash of what it shows where that is known. */
export function standingAt(effect: Effect, ts: string, contentHash: string | null, threadTs: string | null = null): Standing {
  const { id: effectId, deploymentId, kind, destination: channelId } = effect;
  return {
    externalId: ts,
    // Only the approval message is ever edited.
    ...(kind === 'slack.approval' ? {} : { final: true as const }),
    save: (uow) => saveMessage(uow, { effectId, deploymentId, kind, channelId, ts, contentHash, threadTs }),
  };
}

/** Slack's name for a moment shortly before the first of these effects was sent. */
function shortlyBefore(effects: readonly Effect[]): string {
  const sent = effects.map(({ firstSentAt, now }) => (firstSentAt ?? now).getTime() / 1000);
  return (Math.min(...sent) - CLOCK_MARGIN_S).toFixed(6);
}

/** Slack's name for a moment by which the last of these requests was applied, if it ever was. */
function longAfter(effects: readonly Effect[]): string {
  const sent = effects.map(({ sentAt, now }) => (sentAt ?? now).getTime() / 1000);
  return (Math.max(...sent) + APPLIED_WITHIN_S + CLOCK_MARGIN_S).toFixed(6);
}

function matching(effects: readonly Effect[], messages: readonly OwnMessage[], threadTs: string | null): Map<string, Standing[]> {
  const earliestFirst = [...messages].sort((a, b) => Number(a.ts) - Number(b.ts));
  return new Map(
    effects.map((effect) => {
      const mine = earliestFirst.filter(({ metadata }) => metadata?.event_payload['effect_id'] === effect.id);
      return [effect.id, mine.map(({ ts }) => standingAt(effect, ts, null, threadTs))];
    }),
  );
}

/** Looks through a channel's history for all effects that were sent there, in as few pages as there are. */
export async function findInChannel(slack: SlackClient, effects: readonly Effect[], call: CallOptions): Promise<Map<string, Standing[]>> {
  const channel = effects[0]?.destination ?? '';
  const messages = await slack.history({ channel, oldest: shortlyBefore(effects), latest: longAfter(effects) }, call);
  return matching(effects, messages, null);
}

/** The same for replies, which a channel's history does not show. */
export async function findInThread(
  slack: SlackClient,
  effects: readonly Effect[],
  threadTs: string,
  call: CallOptions,
): Promise<Map<string, Standing[]>> {
  const channel = effects[0]?.destination ?? '';
  const messages = await slack.replies({ channel, threadTs, oldest: shortlyBefore(effects) }, call);
  return matching(effects, messages, threadTs);
}

/** Deletes duplicates; one that is gone already is no error. */
export async function deleteExtras(slack: SlackClient, effect: Effect, call: CallOptions): Promise<void> {
  for (const ts of effect.extraIds) await slack.deleteMessage({ channel: effect.destination, ts }, call);
}
