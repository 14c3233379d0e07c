import type { EventType } from '@deptracker/domain';
import type { History } from '../history.js';
import { type DeploymentRow, type EffectRow, type EventRow, type Stored, isSettled } from './stored.js';

// Written down once more, not taken from the product: what each event is to be told by, beside ticket and message.
const TOLD_IN_THREAD: ReadonlySet<EventType> = new Set([
  'deployment.approved',
  'deployment.rejected',
  'deployment.expired',
  'deployment.started',
  'deployment.succeeded',
  'deployment.failed',
  'deployment.timed_out',
  'deployment.cancelled',
  'deployment.rolled_back',
] as const);
const TOLD_IN_DIGEST: ReadonlySet<EventType> = new Set([
  'deployment.created',
  'deployment.started',
  'deployment.succeeded',
  'deployment.failed',
  'deployment.timed_out',
  'deployment.cancelled',
  'deployment.rolled_back',
] as const);

const nameOf = ({ kind, event_revision: revision }: Pick<EffectRow, 'kind' | 'event_revision'>): string => `${kind} ${revision}`;

/** What a deployment with such a past owes: no more, no less, and up to the last event that concerns it. */
function checkDeployment({ id, approval_status: approval }: DeploymentRow, events: readonly EventRow[], effects: readonly EffectRow[]): string[] {
  const asked = approval !== 'not_required';
  const [told, kind] = asked ? [TOLD_IN_THREAD, 'slack.reply'] : [TOLD_IN_DIGEST, 'slack.notice'];
  const wanted = ['jira.ticket 0', ...(asked ? ['slack.approval 0'] : []), ...events.filter(({ type }) => told.has(type)).map(({ revision }) => `${kind} ${revision}`)];
  // A comment is owed where the workflow has no way to go on, which only the vendor knows.
  const mine = effects.filter((effect) => effect.kind !== 'jira.comment');
  const are = mine.map(nameOf);
  const problems = are.sort().join() === wanted.sort().join() ? [] : [`${id} owes ${are.join(', ')} instead of ${wanted.join(', ')}`];
  const last = { 'jira.ticket': events.filter(({ type }) => type !== 'approval.decided').at(-1)?.revision, 'slack.approval': events.at(-1)?.revision };
  for (const effect of mine) {
    const until = effect.kind === 'jira.ticket' || effect.kind === 'slack.approval' ? last[effect.kind] : undefined;
    if (until !== undefined && effect.desired_revision < until) problems.push(`${id}: ${effect.kind} is owed up to ${effect.desired_revision} of ${until}`);
  }
  return problems;
}

/** Every event owes what it has to, and nothing is owed that no event has caused. */
export function checkOwed({ deployments, effects, events }: Stored): string[] {
  return deployments.flatMap((row) =>
    checkDeployment(row, events.filter((event) => event.deployment_id === row.id), effects.filter((effect) => effect.deployment_id === row.id)),
  );
}

/** Faults that pass are no reason to give up: only what a vendor has refused for good, or what can only follow something held. */
function mayEnd({ kind, phase, deployment_id: id, last_error: reason }: EffectRow, { poisons }: History): boolean {
  if (phase === 'held') return /^no answer to \d+ requests and nothing found$/.test(reason ?? '');
  return poisons.has(id ?? '') || (kind === 'slack.reply' && reason === 'the message to reply to was never posted');
}

/** Everything that is owed is done, or was rightly given up. */
export function checkEffects(history: History, { effects }: Stored): string[] {
  return effects.flatMap((effect) => {
    const { id, kind, phase, last_error: reason } = effect;
    if (!isSettled(effect)) return [`not settled: ${kind} ${id} is ${phase}: ${String(reason)} ${JSON.stringify(effect)}`];
    if (phase === 'sent' || mayEnd(effect, history)) return [];
    return [`${kind} ${id} is ${phase} without a good reason: ${String(reason)}`];
  });
}
