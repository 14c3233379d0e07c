import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildName, type Contender, startBaseline, startProduct } from './contender.js';
import { filledDatabase } from './ground/fill.js';
import type { Ground } from './ground/ground.js';
import { type Measured, measure } from './measure.js';
import type { Options } from './options.js';
import type { Scenario } from './scenarios/scenario.js';

const BUILDS: readonly BuildName[] = ['baseline', 'product'];
const SECONDS = 10;
const ROUNDS = 3;
const WARM_SECONDS = 2;
const COUNT = 100;
/** A long run is looked at less often than a short one. */
const LONG_S = 60;

export type Runs = Partial<Record<BuildName, Measured[]>>;

/** What a scenario came to, and with which figures it was run. */
export interface Ran {
  readonly seconds: number;
  readonly runs: Runs;
}

/** What a run is made with. */
export interface Means {
  readonly ground: Ground;
  readonly options: Options;
  readonly say: (line: string) => void;
}

async function start(build: BuildName, scenario: Scenario, { ground, options, say }: Means): Promise<Contender> {
  if (build === 'baseline') return startBaseline(ground);
  const filled = scenario.filled ? await filledDatabase(ground, options.rows, say) : undefined;
  return startProduct(ground, scenario.product ?? {}, options.nodeArgs, filled);
}

const short = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

function inShort({ perSecond, p50, p95, p99, max, errors, figures = {} }: Measured): string {
  const more = Object.entries(figures).map(([name, value]) => `, ${name} ${short(value)}`);
  return `${short(perSecond)}/s, p50 ${short(p50)} p95 ${short(p95)} p99 ${short(p99)} max ${short(max)} ms, ${errors} errors${more.join('')}`;
}

/** One run of one build, from an empty database and an empty Redis: the other one is not there meanwhile. */
export async function turn(build: BuildName, scenario: Scenario, seconds: number, means: Means): Promise<Measured> {
  const { ground, options } = means;
  const contender = await start(build, scenario, means);
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-bench-'));
  const cleaners: (() => Promise<void>)[] = [];
  const atEnd = (clean: () => Promise<void>): void => void cleaners.push(clean);
  try {
    const load = await scenario.prepare({ contender, ground, folder, atEnd, count: options.count ?? scenario.count ?? COUNT });
    const warm = Math.min(scenario.warmSeconds ?? WARM_SECONDS, seconds);
    if (warm > 0) await load(warm);
    await ground.checkpoint();
    return await measure(contender, ground, seconds >= LONG_S ? 5 : 1, () => load(seconds));
  } finally {
    await contender.stop();
    for (const clean of cleaners) await clean();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a scenario, the builds in turn, so that what the machine does meanwhile meets both. */
export async function runScenario(scenario: Scenario, means: Means): Promise<Ran> {
  const { options, say } = means;
  const seconds = options.seconds ?? scenario.seconds ?? SECONDS;
  const rounds = options.rounds ?? scenario.rounds ?? ROUNDS;
  const roundsOf = (build: BuildName): number => Math.min(rounds, (build === 'baseline' ? scenario.baselineRounds : undefined) ?? rounds);
  const runs: Runs = {};
  for (let round = 1; round <= rounds; round += 1) {
    for (const build of scenario.builds ?? BUILDS) {
      if (round > roundsOf(build)) continue;
      const measured = await turn(build, scenario, seconds, means);
      (runs[build] ??= []).push(measured);
      say(`${scenario.name} ${round}/${rounds} ${build}: ${inShort(measured)}`);
    }
  }
  return { seconds, runs };
}
