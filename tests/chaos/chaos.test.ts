import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChaosFleet } from './fleet/chaos-fleet.js';
import { judgeAgain } from './judge.js';
import { Ledger } from './ledger.js';
import { lineOf, summaryOf } from './report.js';
import { DRAW, type RunResult, SETTLE_MS, runSchedule, scheduleOf } from './run-seed.js';
import { type Schedule, schedules } from './schedule.js';

/** Which seeds: by themselves a few that always are the same, so that the suite stays quick. */
const FIRST = Number(process.env['SEED'] ?? 1);
const RUNS = Number(process.env['RUNS'] ?? 6);
/** How many smaller schedules are tried for one that failed. */
const SHRINKS = Number(process.env['SHRINKS'] ?? 12);
const MOST_MS = 120_000;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

let fleet: ChaosFleet | null = null;
let ledger: Ledger;
let failed = false;
/** A run did not come to its end: what follows would only wait in vain. */
let broken = false;
const results: RunResult[] = [];

beforeAll(async () => {
  fleet = await ChaosFleet.start();
  ledger = new Ledger(fleet.ledgerFile);
}, 300_000);

afterAll(async () => {
  say(summaryOf(results));
  if (failed || broken) say(`The logs and the ledger are in ${fleet?.folder}`);
  await fleet?.stop(failed || broken);
});

/** A run on the fleet that all seeds share. */
function run(seed: number, schedule: Schedule): Promise<RunResult> {
  if (fleet === null) throw new Error('The fleet did not start.');
  return runSchedule(fleet, ledger, seed, schedule);
}

/** Looks for a smaller schedule that fails too, in so many tries. */
async function shrunk(seed: number): Promise<Schedule> {
  let tries = 0;
  let smallest = scheduleOf(seed);
  const fails = async (schedule: Schedule): Promise<boolean> => {
    tries += 1;
    if (tries > SHRINKS + 1) return true;
    // The first try is the schedule that has failed already.
    if (tries === 1) return false;
    const { problems } = await run(seed, schedule);
    if (problems.length === 0) return true;
    smallest = schedule;
    say(`  still fails, try ${tries - 1}: ${problems[0] ?? ''}`);
    return false;
  };
  await fc.check(fc.asyncProperty(schedules, fails), { ...DRAW, seed });
  return smallest;
}

describe('whatever goes wrong', () => {
  for (let seed = FIRST; seed < FIRST + RUNS; seed += 1) {
    it(
      `nothing is lost and nothing is there twice, seed ${seed}`,
      async ({ skip }) => {
        skip(broken, 'the fleet itself broke');
        broken = true;
        const result = await run(seed, scheduleOf(seed));
        broken = false;
        results.push(result);
        say(lineOf(result));
        if (result.problems.length === 0) return;
        failed = true;
        say(`${result.problems.join('\n')}\n${JSON.stringify(result.schedule)}`);
        if (SHRINKS > 0) say(`Smallest that failed: ${JSON.stringify(await shrunk(seed))}`);
        expect(result.problems, `replay with: make chaos SEED=${seed} RUNS=1`).toEqual([]);
      },
      MOST_MS * (1 + SHRINKS),
    );
  }

  it(
    'and what was sound stays so',
    async ({ skip }) => {
      skip(broken || fleet === null, 'the fleet itself broke');
      if (fleet === null) return;
      const startedAt = performance.now();
      const sound = results.filter(({ problems }) => problems.length === 0);
      const problems = await judgeAgain(fleet, ledger, sound, SETTLE_MS);
      say(`${sound.length} judged once more in ${Math.round(performance.now() - startedAt)} ms: ${problems.length} problems`);
      failed ||= problems.length > 0;
      expect(problems).toEqual([]);
    },
    2 * MOST_MS,
  );
});
