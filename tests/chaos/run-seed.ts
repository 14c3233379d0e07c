import fc from 'fast-check';
import type { ChaosFleet } from './fleet/chaos-fleet.js';
import { type Run, judge } from './judge.js';
import type { Ledger } from './ledger.js';
import { perform } from './perform.js';
import { type Schedule, schedules } from './schedule.js';
import { type Unknowns, countUnknowns } from './unknowns.js';

/** How long after the end of all faults everything that is owed must have been done. */
export const SETTLE_MS = 45_000;

export interface RunResult extends Run {
  readonly seed: number;
  readonly schedule: Schedule;
  readonly problems: readonly string[];
  readonly duplicates: number;
  readonly unknowns: Unknowns;
  readonly deployments: number;
  readonly healedMs: number;
  /** Milliseconds from the end of the faults until all was settled. */
  readonly settledMs: number;
  readonly ms: number;
}

/** How fast-check draws: one schedule per seed, as likely small as large. */
export const DRAW = { numRuns: 1, unbiased: true } as const;

/** The schedule that a seed stands for; always the same. */
export function scheduleOf(seed: number): Schedule {
  let drawn: Schedule | undefined;
  // With the same settings as where it is shrunk, so that both draw the same.
  fc.check(fc.property(schedules, (schedule) => { drawn = schedule; }), { ...DRAW, seed });
  if (drawn === undefined) throw new Error('fast-check drew nothing');
  return drawn;
}

let runs = 0;

/** Performs a schedule on the fleet and judges it when all is settled, or when time is up. */
export async function runSchedule(fleet: ChaosFleet, ledger: Ledger, seed: number, schedule: Schedule): Promise<RunResult> {
  runs += 1;
  const project = `chaos-${seed}-${runs}`;
  const since = ledger.read().seq;
  const startedAt = performance.now();
  const { history, healedMs } = await perform(fleet, ledger, schedule, project);
  const calm = performance.now();
  const verdict = await judge(fleet, ledger, { project, history, since }, SETTLE_MS);
  const ids = verdict.stored.effects.map(({ id }) => id);
  return {
    seed,
    schedule,
    problems: verdict.problems,
    duplicates: verdict.duplicates,
    unknowns: await countUnknowns(fleet.pool, ids),
    deployments: verdict.stored.deployments.length,
    project,
    history,
    since,
    healedMs,
    settledMs: performance.now() - calm,
    ms: performance.now() - startedAt,
  };
}
