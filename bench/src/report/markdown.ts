import type { BuildName } from '../contender.js';
import type { Measured } from '../measure.js';
import { figureOf, figuresOf, median, medianOf, ofApi, short } from './figures.js';
import type { Profiles, Result, Results } from './results.js';
import { sparkline } from './sparkline.js';
import { targetTable } from './target-table.js';

const HEAD = ['build', 'requests/s', 'spread', 'p50 ms', 'p95', 'p99', 'spread', 'max', 'errors', 'API µs/request', 'all µs/request', 'API MB', 'DB conns', 'Redis MB', 'ratio'];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const head = (cells: readonly string[]): string => `${row(cells)}\n${row(cells.map(() => '---'))}`;

function spread(values: readonly number[]): string {
  return values.length < 2 ? '–' : `${short(Math.min(...values))}–${short(Math.max(...values))}`;
}

function line(result: Result, build: BuildName): string {
  const of = (name: string): number => medianOf(result, build, name) ?? 0;
  // A scenario that times nothing has no largest time either.
  const time = (name: string): string => (of('max') === 0 ? '–' : short(of(name)));
  const micros = (name: string): string => (of(name) === 0 ? '–' : short(of(name)));
  const base = medianOf(result, 'baseline', 'perSecond');
  const errors = figuresOf(result, build, 'errors').reduce((total, one) => total + one, 0);
  return row([
    build, short(of('perSecond')), spread(figuresOf(result, build, 'perSecond')), time('p50'), time('p95'), time('p99'), spread(figuresOf(result, build, 'p99')),
    time('max'), String(errors), micros('apiMicros'), micros('allMicros'), short(of('apiMb')), String(of('connections')), short(of('redisMb')),
    base === undefined || base === 0 ? '–' : `${short(of('perSecond') / base)} ×`,
  ]);
}

const medianBy = (runs: readonly Measured[], by: (run: Measured) => Readonly<Record<string, number>>): [string, number][] =>
  [...new Set(runs.flatMap((run) => Object.keys(by(run))))].map((name) => [name, median(runs.flatMap((run) => by(run)[name] ?? []))]);

const listed = (pairs: readonly (readonly [string, number])[], unit: string): string => pairs.map(([name, value]) => `${name} ${short(value)}${unit}`).join('; ');

/** What each process took, and what else the scenario measured. */
function beside(build: BuildName, runs: readonly Measured[]): string[] {
  const [first] = runs;
  const figures = Object.keys(first?.figures ?? {}).map((name) => [name, median(runs.flatMap((run) => figureOf(run, name) ?? []))] as const);
  const last = (run: Measured): Readonly<Record<string, number>> => run.samples.at(-1)?.rss ?? {};
  return [
    `- ${build}: CPU ${listed(medianBy(runs, (run) => run.cpu), ' s')}; at the end ${listed(medianBy(runs, last), ' MB')}`,
    ...(figures.length === 0 ? [] : [`- ${build}: ${listed(figures, '')}`]),
  ];
}

const EVERY = 5;

const LONG_S = 30;
const NAME_WIDTH = 16;

const bars = (name: string, values: readonly number[], unit: string): string => `${name.padEnd(NAME_WIDTH)}${sparkline(values)} up to ${short(Math.max(...values))} ${unit}`;

/** How a long run went on: lines of bars, and a table of what it came to every so often. */
function series({ slices = [], samples, seconds }: Measured): string {
  if (seconds < LONG_S && slices.length < 2) return '';
  const memory = Object.keys(samples.at(-1)?.rss ?? {}).map((name) => bars(`${name} MB`, samples.map(({ rss }) => rss[name] ?? 0), 'MB'));
  const lines = ['\n```', ...(slices.length < 2 ? [] : [bars('p99', slices.map(({ p99 }) => p99), 'ms')]), ...memory, '```'];
  return [...lines, ...(slices.length < 2 ? [] : [table({ slices, samples })])].join('\n');
}

function table({ slices = [], samples }: Pick<Measured, 'slices' | 'samples'>): string {
  const rss = samples.map((sample) => ofApi(sample.rss));
  const near = (second: number): number => rss[samples.findIndex((sample) => sample.second >= second)] ?? rss.at(-1) ?? 0;
  const shown = slices.filter((_, index) => index % Math.max(1, Math.ceil(slices.length / (2 * EVERY))) === 0);
  return [
    '',
    head(['second', ...shown.map(({ second }) => String(second))]),
    row(['p99 ms', ...shown.map(({ p99 }) => short(p99))]),
    row(['API MB', ...shown.map(({ second }) => short(near(second)))]),
  ].join('\n');
}

function section([name, result]: readonly [string, Result]): string {
  const { title, at, commit, seconds, rows, runs, nodeArgs } = result;
  const builds = (['baseline', 'product'] as const).filter((build) => (runs[build]?.length ?? 0) > 0);
  const details = builds.flatMap((build) => beside(build, runs[build] ?? []));
  const made = [`${commit}, ${at}`, `runs of ${short(seconds)} s`, ...(rows === null ? [] : [`${rows.toLocaleString('en-US')} deployments`]), ...(nodeArgs.length === 0 ? [] : [`node ${nodeArgs.join(' ')}`])];
  const last = runs.product?.at(-1);
  const went = last === undefined ? '' : series(last);
  return `### ${name}: ${title}\n\n${head(HEAD)}\n${builds.map((build) => line(result, build)).join('\n')}\n\n${details.join('\n')}\n${went}\n\n${made.join('; ')}\n`;
}

/** All results as a page: the targets, then each scenario with its tables. */
export function asMarkdown(results: Results, profiles: Profiles): string {
  const all = Object.entries(results);
  const [, latest] = all.reduce((newest, one) => (one[1].at > newest[1].at ? one : newest));
  const { cpu, cores, memoryGb, node, postgres, redis } = latest.machine;
  return `# Results

Written by \`make bench\`; what the scenarios do and how to read this: [docs/performance.md](../docs/performance.md). Last on a machine of ${cores}
cores (${cpu}), ${memoryGb} GB, Node ${node}, Postgres ${postgres} and Redis ${redis}, on which everything ran together, the generator included. Medians
of the runs, the two builds in turn.

## Targets

${targetTable(results, profiles)}

## Scenarios

${all.map(section).join('\n')}`;
}
