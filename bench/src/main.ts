import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '@deptracker/testkit';
import { type Contender, startBaseline, startProduct } from './contender.js';
import { type Measured, measure } from './measure.js';
import { type Row, asMarkdown } from './report.js';
import { SCENARIOS } from './scenarios/scenarios.js';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, seconds: { type: 'string' }, rounds: { type: 'string' }, out: { type: 'string' } },
});
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const seconds = Number(values.seconds ?? (values.quick ? 3 : 10));
const only = values.only?.split(',');
const scenarios = SCENARIOS.filter(({ name, long }) => (only === undefined ? !(values.quick && long) : only.includes(name)));
if (scenarios.length === 0) throw new Error(`--only names no scenario; there are ${SCENARIOS.map(({ name }) => name).join(', ')}.`);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The two take turns, so that what the machine does meanwhile meets both. */
async function compare(contenders: readonly Contender[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, title, prepare, run } of scenarios) {
    const runs: Record<string, Measured[]> = {};
    for (const contender of contenders) {
      await prepare?.(contender);
      await run(contender, { seconds: Math.min(seconds, 2) });
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const contender of contenders) {
        const measured = await measure(contender, () => run(contender, { seconds }));
        (runs[contender.name] ??= []).push(measured);
        say(`${name} ${String(round)}/${String(rounds)} ${contender.name}: ${measured.perSecond.toFixed(0)}/s, p50 ${measured.p50.toFixed(1)} p95 ${measured.p95.toFixed(1)} p99 ${measured.p99.toFixed(1)} max ${measured.max.toFixed(0)} ms, ${String(measured.errors)} errors`);
      }
    }
    rows.push({ name, title, runs });
  }
  return rows;
}

const postgres = await startPostgres({ persistent: true });
const contenders: Contender[] = [];
try {
  contenders.push(await startBaseline(postgres.url), await startProduct(postgres.url));
  const rows = await compare(contenders);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version };
  const about = { at: new Date().toISOString(), commit, machine, rounds, seconds };
  const folder = values.out ?? fileURLToPath(new URL('../', import.meta.url));
  writeFileSync(`${folder}/results.json`, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
  writeFileSync(`${folder}/RESULTS.md`, asMarkdown(about, rows));
  say(asMarkdown(about, rows));
} finally {
  for (const contender of contenders) await contender.stop();
  await postgres.stop();
}
