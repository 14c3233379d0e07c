import type { EventType } from './event.js';

/** What is counted of deployments, and the event that each is. */
export const TALLIED = {
  created: 'deployment.created',
  approved: 'deployment.approved',
  rejected: 'deployment.rejected',
  expired: 'deployment.expired',
  started: 'deployment.started',
  succeeded: 'deployment.succeeded',
  failed: 'deployment.failed',
  timedOut: 'deployment.timed_out',
  cancelled: 'deployment.cancelled',
  rolledBack: 'deployment.rolled_back',
} as const satisfies Record<string, EventType>;

/** How often each happened in some span of time. */
export type Tally = Readonly<Record<keyof typeof TALLIED, number>>;

/** Nothing happened. */
export const NO_TALLY: Tally = {
  created: 0, approved: 0, rejected: 0, expired: 0, started: 0, succeeded: 0, failed: 0, timedOut: 0, cancelled: 0, rolledBack: 0,
};

/** Both together. */
export function addTallies(a: Tally, b: Tally): Tally {
  const names = Object.keys(TALLIED) as (keyof Tally)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as Tally;
}

/** Rollouts that came to an end by themselves; what people called off says nothing of quality. */
const ended = ({ succeeded, failed, timedOut }: Tally): number => succeeded + failed + timedOut;

/** The share of rollouts that succeeded; null where none ended. */
export function successRate(tally: Tally): number | null {
  return ended(tally) === 0 ? null : tally.succeeded / ended(tally);
}

/**
 * The share of rollouts that did harm: failed, timed out, or had to be rolled back. What was rolled back may have
 * succeeded before the span began, so the share has to be kept at 1. Null where none ended.
 */
export function changeFailureRate(tally: Tally): number | null {
  if (ended(tally) === 0) return null;
  return Math.min(1, (tally.failed + tally.timedOut + tally.rolledBack) / ended(tally));
}
