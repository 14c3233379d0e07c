import { setTimeout as delay } from 'node:timers/promises';
import { type Verdict, check } from './check.js';
import { checkAnswers } from './check/answers.js';
import { Client } from './client.js';
import type { ChaosFleet } from './fleet/chaos-fleet.js';
import type { History } from './history.js';
import type { Ledger } from './ledger.js';

const LOOK_EVERY_MS = 100;
/** A first page may be a second old, and a process that was just started may still be late to hear of changes. */
const ANSWERS_MS = 5_000;
/** Longer than a vendor takes for anything (`schedule.ts`), so that nothing is on its way any more. */
const QUIET_MS = 1_200;

/** A run that is over, for which all faults have ended. */
export interface Run {
  readonly project: string;
  readonly history: History;
  /** The number of the last write outside before it. */
  readonly since: number;
}

/** Judges a run again and again until nothing stands against it, or time is up; then also what the API answers. */
export async function judge(fleet: ChaosFleet, ledger: Ledger, { project, history, since }: Run, settleMs: number): Promise<Verdict> {
  const startedAt = performance.now();
  let answersUntil: number | null = null;
  // Each by itself: behind nginx the right answer of one would hide the wrong one of the other.
  const clients = fleet.apiUrls.map((url) => new Client(url, history, () => false));
  for (;;) {
    const verdict = await check(fleet.pool, ledger, history, project, since);
    const now = performance.now();
    if (verdict.problems.length === 0) {
      answersUntil ??= now + ANSWERS_MS;
      const found = await Promise.all(clients.map((client) => checkAnswers((path) => client.get(path), verdict.stored, project)));
      const problems = found.flat();
      if (problems.length === 0 || now > answersUntil) return { ...verdict, problems };
    } else if (now - startedAt > settleMs) return verdict;
    else answersUntil = null;
    await delay(LOOK_EVERY_MS);
  }
}

/** Waits until nothing has been written outside for a while. */
async function quiet(ledger: Ledger, patienceMs: number): Promise<void> {
  const startedAt = performance.now();
  let { seq } = ledger.read();
  let since = startedAt;
  while (performance.now() - since < QUIET_MS && performance.now() - startedAt < patienceMs) {
    await delay(LOOK_EVERY_MS);
    if (ledger.read().seq === seq) continue;
    ({ seq } = ledger);
    since = performance.now();
  }
}

/** Judges runs that were sound once more, when all is quiet: what came late, or was overwritten later, is seen here. */
export async function judgeAgain(fleet: ChaosFleet, ledger: Ledger, runs: readonly Run[], settleMs: number): Promise<string[]> {
  const end = performance.now() + settleMs;
  await quiet(ledger, settleMs);
  const problems: string[] = [];
  for (const run of runs) {
    const verdict = await judge(fleet, ledger, run, Math.max(0, end - performance.now()));
    problems.push(...verdict.problems.map((words) => `${run.project}, at the end: ${words}`));
  }
  return problems;
}
