import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ground, startGround } from './ground/ground.js';
import { type Options, readOptions } from './options.js';
import { profileScenario } from './profile.js';
import { asMarkdown } from './report/markdown.js';
import { profilePage } from './report/profile-page.js';
import { type Machine, type Pages, keepProfile, keepResult, nameOf } from './report/results.js';
import { runScenario } from './run-scenario.js';
import { SCENARIOS, scenariosOf } from './scenarios/all.js';
import type { Scenario } from './scenarios/scenario.js';

const BENCH = fileURLToPath(new URL('../', import.meta.url));

/** What the bench itself writes does not change what is measured. */
const WRITTEN = ['RESULTS.md', 'results.json', 'PROFILE.md', 'profiles.json'];
const PAGES: Pages = { ofResults: asMarkdown, ofProfiles: profilePage };

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function machineOf({ versions }: Ground): Machine {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version, ...versions };
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: BENCH, encoding: 'utf8' }).trim();

/** The commit that is measured, with a plus where what runs is not what was committed. */
function commit(): string {
  const changed = git('status', '--porcelain', '--', '..', ...WRITTEN.map((file) => `:!${file}`)) !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
}

/** What is profiled where nothing is named: the creates and reads that have targets. */
const PROFILED = ['create-64', 'create-1000', 'create-1200', 'create-4800', 'get', 'get-304', 'get-two', 'get-first'] as const;

/** Runs one scenario and keeps its result at once; false where it failed. What was kept of the others stays. */
async function one(scenario: Scenario, ground: Ground, options: Options): Promise<boolean> {
  const from = commit();
  try {
    const { seconds, runs } = await runScenario(scenario, { ground, options, say });
    const rows = scenario.filled === true ? options.rows : null;
    const { title } = scenario;
    const result = { title, at: new Date().toISOString(), commit: from, machine: machineOf(ground), nodeArgs: options.nodeArgs, seconds, rows, runs };
    keepResult(options.out ?? BENCH, nameOf(scenario, options.rows), result, PAGES);
    return true;
  } catch (error) {
    say(`${scenario.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return false;
  }
}

/** Profiles one scenario and keeps what came of it at once. */
async function profile(scenario: Scenario, ground: Ground, options: Options): Promise<void> {
  const about = { title: scenario.title, commit: commit(), machine: machineOf(ground), at: new Date().toISOString() };
  const profiled = await profileScenario(scenario, { ground, options, say });
  keepProfile(options.out ?? BENCH, nameOf(scenario, options.rows), { ...about, ...profiled }, PAGES);
  say(`${scenario.name} is profiled in ${join(options.out ?? BENCH, 'PROFILE.md')}.`);
}

/** Runs these one after the other and gives those that failed. */
async function inTurn(scenarios: readonly Scenario[], ground: Ground, options: Options): Promise<Scenario[]> {
  const failed: Scenario[] = [];
  for (const scenario of scenarios) if (!(await one(scenario, ground, options))) failed.push(scenario);
  return failed;
}

/** Runs what was chosen, and at the end once more what failed: a process may not have come up in time. The names of those that failed again. */
async function all(chosen: readonly Scenario[], ground: Ground, options: Options): Promise<string[]> {
  const failed = (await inTurn(await inTurn(chosen, ground, options), ground, options)).map(({ name }) => name);
  say(`Results are in ${options.out ?? 'bench'}/RESULTS.md.`);
  return failed;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { quick, out, data } = options;
  const chosen = options.scenarios === null ? SCENARIOS.filter(({ quick: short, extra }) => (quick ? short : !extra)) : scenariosOf(options.scenarios);
  if (out !== null) mkdirSync(out, { recursive: true });
  const ground = await startGround(data ?? undefined);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      ground.stop().finally(() => process.exit(130)).catch(() => undefined);
    });
  }
  let failed: readonly string[] = [];
  try {
    if (options.profile) for (const scenario of scenariosOf(options.scenarios ?? PROFILED)) await profile(scenario, ground, options);
    else failed = await all(chosen, ground, options);
  } finally {
    await ground.stop();
  }
  if (failed.length > 0) throw new Error(`${failed.join(', ')} failed; the results of the others are kept.`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
