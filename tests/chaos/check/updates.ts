import { STATUSES, STATUS_RULES, type Status } from '@deptracker/domain';
import type { History, Refused } from '../history.js';
import type { DeploymentRow, EventRow, Stored } from './stored.js';

/** How long a change may wait for its lock, with its time read already: who has the lock meanwhile is told of what was before. */
const LOCK_MS = 1_500;
/** Times are cut to milliseconds. */
const TICK_MS = 2;

/** The moment from which on a permission permits nothing any more; nobody may have written that down yet. */
function lapsesAt(row: DeploymentRow | undefined, events: readonly EventRow[]): number {
  const { created_at: createdAt, approval_expires_at: expiresAt } = row ?? {};
  const permitted = events.findLast(({ data }) => data.decision !== undefined)?.at;
  if (!createdAt || !expiresAt) return Infinity;
  return permitted === undefined ? expiresAt.getTime() : permitted.getTime() + expiresAt.getTime() - createdAt.getTime();
}

/** Whether a refusal tells the truth: the deployment stood there when it was asked, and a pipeline cannot lead it from there to `to`. */
export function rightlyRefused(to: Status, { from, askedAt, answeredAt }: Refused, row: DeploymentRow | undefined, events: readonly EventRow[]): boolean {
  const stood = STATUSES.find((one) => one === from);
  // Asking for what is already so is no step.
  if (stood === undefined || stood === to || (STATUS_RULES[to].driver === 'pipeline' && STATUS_RULES[stood].next.includes(to))) return false;
  if (from === 'expired' && to === 'in_progress' && lapsesAt(row, events) <= answeredAt + TICK_MS) return true;
  const moves = events.filter(({ data }) => data.to !== undefined);
  return moves.some(({ at, data }, index) => {
    const leftAt = moves[index + 1]?.at.getTime() ?? Infinity;
    return data.to === from && at.getTime() <= answeredAt + TICK_MS && leftAt + LOCK_MS >= askedAt;
  });
}

/** A status that was answered 200 is in the deployment's past; one that was refused could not follow. */
export function checkUpdates(history: History, { deployments, events }: Stored): string[] {
  return history.updates.flatMap(({ deploymentId, status, answer, refused }) => {
    if (answer === null) return [`${deploymentId}: nobody answered to the status ${status}`];
    const there = events.some((event) => event.deployment_id === deploymentId && event.data.to === status);
    const mine = events.filter((event) => event.deployment_id === deploymentId);
    const row = deployments.find(({ id }) => id === deploymentId);
    if (refused !== undefined && !rightlyRefused(status, refused, row, mine)) return [`${deploymentId}: ${status} was refused as if it were ${refused.from}: ${JSON.stringify(refused)}`];
    return answer === 200 && !there ? [`LOST: ${deploymentId} was told that it is ${status} and never was`] : [];
  });
}
