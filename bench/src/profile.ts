import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from './report/results.js';
import { type CpuProfile, busyTime, selfTimes } from './report/self-times.js';
import { type Means, turn } from './run-scenario.js';
import type { Scenario } from './scenarios/scenario.js';

const SECONDS = 15;
/** Rows of a table that somebody reads. */
const LARGEST = 10;
const MICROSECONDS = 1_000n;

/** On the clock of V8's profiles, the system's monotonic one, in microseconds. */
const clock = (): number => Number(process.hrtime.bigint() / MICROSECONDS);

interface Span {
  from: number;
  to: number;
}

/** The profile that has most to tell of that time: each process writes one for each of its threads, and most hardly have samples. */
function busiest(folder: string, { from, to }: Span): CpuProfile {
  const all = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile);
  const [most] = all.sort((a, b) => busyTime(b, from, to) - busyTime(a, from, to));
  if (most === undefined) throw new Error('The API has written no profile.');
  return most;
}

/** Runs a scenario once, and profiles the product's API while it is measured. */
export async function profileScenario(scenario: Scenario, means: Means): Promise<Pick<Profile, 'run' | 'functions' | 'parts'>> {
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-profile-'));
  const span: Span = { from: 0, to: 0 };
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
    const { functions, parts } = selfTimes(busiest(folder, span), span.from, span.to);
    return { run, functions: functions.slice(0, LARGEST), parts: parts.slice(0, LARGEST) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
