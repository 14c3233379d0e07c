import type { BuildName } from '../contender.js';
import type { Measured } from '../measure.js';
import type { Result } from './results.js';

const sum = (by: Readonly<Record<string, number>>): number => Object.values(by).reduce((total, one) => total + one, 0);

/** What the API's processes have of something, together. */
export function ofApi(by: Readonly<Record<string, number>>): number {
  return sum(Object.fromEntries(Object.entries(by).filter(([name]) => /^api(-\d+)?$/.test(name))));
}

const most = (run: Measured, pick: (sample: Measured['samples'][number]) => number): number => Math.max(0, ...run.samples.map(pick));

const MICROSECONDS = 1_000_000;
const perRequest = ({ requests }: Measured, seconds: number): number => (requests === 0 ? 0 : (seconds / requests) * MICROSECONDS);

/**
 * How many times as much memory as in the second quarter of the run the process that grew most holds in the last one, by the
 * medians; the first is left out, in which caches and V8's heaps fill. Not a number for a run that is too short to say.
 */
function growth({ samples }: Measured): number {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) return Number.NaN;
  const typical = (name: string, from: number): number => median(samples.slice(from, from + quarter).map(({ rss }) => rss[name] ?? 0));
  return Math.max(...Object.keys(samples.at(-1)?.rss ?? {}).map((name) => typical(name, samples.length - quarter) / typical(name, quarter)));
}

/** Figures that every run has; the rest are the scenario's own, by their names. */
const COMMON: Readonly<Record<string, (run: Measured) => number>> = {
  perSecond: (run) => run.perSecond,
  p50: (run) => run.p50,
  p95: (run) => run.p95,
  p99: (run) => run.p99,
  max: (run) => run.max,
  errors: (run) => run.errors,
  apiMicros: (run) => perRequest(run, ofApi(run.cpu)),
  allMicros: (run) => perRequest(run, sum(run.cpu) - (run.cpu['generator'] ?? 0)),
  apiMb: (run) => most(run, ({ rss }) => ofApi(rss)),
  connections: (run) => most(run, ({ connections }) => connections),
  redisMb: (run) => most(run, ({ redisMb }) => redisMb),
  growth,
};

/** A figure of one run; undefined where it has none of this name. */
export function figureOf(run: Measured, name: string): number | undefined {
  const figure = COMMON[name]?.(run) ?? run.figures?.[name];
  return Number.isNaN(figure) ? undefined : figure;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The figure of each run of a build. */
export function figuresOf({ runs }: Result, build: BuildName, name: string): number[] {
  return (runs[build] ?? []).flatMap((run) => figureOf(run, name) ?? []);
}

/** The median of a build's runs; undefined where there is none. */
export function medianOf(result: Result, build: BuildName, name: string): number | undefined {
  const all = figuresOf(result, build, name);
  return all.length === 0 ? undefined : median(all);
}

/** A number as short as it may be without lying. */
export function short(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
