import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from './report/results.js';
import { type CpuProfile, selfTimes } from './report/self-times.js';
import { type Means, turn } from './run-scenario.js';
import type { Scenario } from './scenarios/scenario.js';

const SECONDS = 15;
/** Rows of a table that somebody reads. */
const LARGEST = 10;
const MICROSECONDS = 1_000n;

/** On the clock of V8's profiles, the system's monotonic one, in microseconds. */
const clock = (): number => Number(process.hrtime.bigint() / MICROSECONDS);

/** The profile of the main thread: the process writes one for each of its threads, and the others hardly have samples. */
function mainThread(folder: string): CpuProfile {
  const all = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile);
  const busy = ({ nodes }: CpuProfile): number => nodes.length;
  const [most] = all.sort((a, b) => busy(b) - busy(a));
  if (most === undefined) throw new Error('The API has written no profile.');
  return most;
}

/** Runs a scenario once, and profiles the product's API while it is measured. */
export async function profileScenario(scenario: Scenario, means: Means): Promise<Pick<Profile, 'run' | 'functions' | 'parts'>> {
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-profile-'));
  const span = { from: 0, to: 0 };
  const profiled: Scenario = {
    ...scenario,
    product: { ...scenario.product, apiArgs: ['--cpu-prof', `--cpu-prof-dir=${folder}`] },
    prepare: async (means) => {
      const load = await scenario.prepare(means);
      return async (seconds) => {
        // The last load is the measured one.
        span.from = clock();
        const result = await load(seconds);
        span.to = clock();
        return result;
      };
    },
  };
  try {
    const run = await turn('product', profiled, means.options.seconds ?? Math.min(SECONDS, scenario.seconds ?? SECONDS), means);
    const { functions, parts } = selfTimes(mainThread(folder), span.from, span.to);
    return { run, functions: functions.slice(0, LARGEST), parts: parts.slice(0, LARGEST) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
