import type { Measured } from './measure.js';

/** What a run was made with. */
export interface About {
  readonly at: string;
  readonly commit: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string };
  readonly rounds: number;
  readonly seconds: number;
}

/** All runs of one scenario, by contender. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly runs: Readonly<Record<string, readonly Measured[]>>;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const of = (runs: readonly Measured[], figure: (run: Measured) => number): number => median(runs.map(figure));
const total = (by: Readonly<Record<string, number>>): number => Object.values(by).reduce((sum, one) => sum + one, 0);
const api = (by: Readonly<Record<string, number>>): number => total(Object.fromEntries(Object.entries(by).filter(([name]) => name.startsWith('api'))));
const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));

function line(name: string, runs: readonly Measured[], ratio: string): string {
  const spread = runs.map(({ perSecond }) => perSecond.toFixed(0)).join(', ');
  const cells = [
    name,
    `${of(runs, (run) => run.perSecond).toFixed(0)} (${spread})`,
    short(of(runs, (run) => run.p50)),
    short(of(runs, (run) => run.p95)),
    short(of(runs, (run) => run.p99)),
    short(of(runs, (run) => run.max)),
    String(runs.reduce((sum, { errors }) => sum + errors, 0)),
    short(of(runs, ({ cost }) => api(cost.cpu))),
    short(of(runs, ({ cost }) => total(cost.cpu))),
    short(of(runs, ({ cost }) => api(cost.rss))),
    String(of(runs, ({ cost }) => cost.databaseConnections)),
    short(of(runs, ({ cost }) => cost.redisMegabytes)),
    ratio,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The results as a page: a table per scenario, medians with the spread of the throughput, and the ratio to the baseline. */
export function asMarkdown({ at, commit, machine, rounds, seconds }: About, rows: readonly Row[]): string {
  const head =
    '| build | requests/s (runs) | p50 ms | p95 | p99 | max | errors | API CPU s | all CPU s | API MB | DB conns | Redis MB | ratio |\n' +
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |';
  const tables = rows.map(({ title, runs }) => {
    const base = of(runs['baseline'] ?? [], (run) => run.perSecond);
    const lines = Object.entries(runs).map(([name, own]) => line(name, own, name === 'baseline' ? '1' : `${(of(own, (run) => run.perSecond) / base).toFixed(2)} ×`));
    return `## ${title}\n\n${head}\n${lines.join('\n')}\n`;
  });
  return `# Results

Made by \`make bench\` at ${at} from ${commit}: ${String(machine.cores)} cores (${machine.cpu}), ${String(machine.memoryGb)} GB, Node ${machine.node}, the generator,
Postgres (durable) and Redis on the same machine. ${String(rounds)} runs of ${String(seconds)} s each, the two builds in turn; medians.

${tables.join('\n')}`;
}
