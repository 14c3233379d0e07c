import type { EventType } from '@deptracker/domain';
import { COMMENT_ON } from '../fleet/environment.js';
import type { History } from '../history.js';
import type { Ledger } from '../ledger.js';
import { givenUpWrongly } from './given-up.js';
import { rowsOf } from './rows-of.js';
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
  // A comment is owed once its ticket stands. (Where a workflow has no way to go on one is owed too; the sandbox's always has.)
  const standing = effects.some((effect) => effect.kind === 'jira.ticket' && effect.phase === 'sent');
  if (standing) wanted.push(...events.filter(({ type }) => COMMENT_ON.includes(type)).map(({ revision }) => `jira.comment ${revision}`));
  const are = effects.map(nameOf);
  const problems = are.sort().join() === wanted.sort().join() ? [] : [`${id} owes ${are.join(', ')} instead of ${wanted.join(', ')}`];
  const last = { 'jira.ticket': events.filter(({ type }) => type !== 'approval.decided').at(-1)?.revision, 'slack.approval': events.at(-1)?.revision };
  for (const effect of effects) {
    const until = effect.kind === 'jira.ticket' || effect.kind === 'slack.approval' ? last[effect.kind] : undefined;
    if (until !== undefined && effect.desired_revision < until) problems.push(`${id}: ${effect.kind} is owed up to ${effect.desired_revision} of ${until}`);
  }
  return problems;
}

/** Every event owes what it has to, and nothing is owed that no event has caused. */
export function checkOwed({ deployments, effects, events }: Stored): string[] {
  return deployments.flatMap((row) =>
    checkDeployment(row, rowsOf(events, 'deployment_id', row.id), rowsOf(effects, 'deployment_id', row.id)),
  );
}

/** Everything that is owed is done, or was rightly given up. */
export function checkEffects(history: History, stored: Stored, ledger: Ledger): string[] {
  return stored.effects.flatMap((effect) => {
    const { id, kind, phase, last_error: reason } = effect;
    if (!isSettled(effect)) return [`not settled: ${kind} ${id} is ${phase}: ${String(reason)} ${JSON.stringify(effect)}`];
    const wrong = phase === 'sent' ? null : givenUpWrongly(effect, stored, ledger, history);
    return wrong === null ? [] : [`${kind} ${id} is ${phase} ${wrong}: ${String(reason)}`];
  });
}
