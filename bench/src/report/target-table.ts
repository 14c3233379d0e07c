import { medianOf, short } from './figures.js';
import type { Results } from './results.js';
import { TARGETS, type Target } from './targets.js';

/** What a target came to; null where its scenario was not run. */
export interface Reached {
  readonly measured: number;
  readonly ratio: number | null;
  readonly met: boolean;
}

/** Holds a target against the results. */
export function reached({ scenario, figure, as, atLeast, atMost }: Target, results: Results): Reached | null {
  const result = results[scenario];
  const own = result && medianOf(result, 'product', figure);
  if (result === undefined || own === undefined) return null;
  const base = medianOf(result, 'baseline', figure);
  const ratio = base === undefined || base === 0 ? null : own / base;
  const measured = as === 'value' ? own : ratio;
  if (measured === null) return null;
  return { measured, ratio, met: measured >= (atLeast ?? -Infinity) && measured <= (atMost ?? Infinity) };
}

const limitOf = ({ atLeast, atMost = 0, unit = '' }: Target): string => `${atLeast === undefined ? `≤ ${short(atMost)}` : `≥ ${short(atLeast)}`} ${unit}`;

function verdict({ atLeast, atMost = 0 }: Target, { measured, met }: Reached): string {
  if (met) return 'met';
  if (atLeast !== undefined) return `**no**: ${short((1 - measured / atLeast) * 100)} % too little`;
  return atMost === 0 ? `**no**: ${short(measured)} too many` : `**no**: ${short((measured / atMost - 1) * 100)} % too much`;
}

function line(target: Target, results: Results): string {
  const found = reached(target, results);
  const cells = [target.what, limitOf(target), target.scenario];
  if (found === null) return `| ${[...cells, '–', '–', 'not measured'].join(' | ')} |`;
  const ratio = found.ratio === null ? '–' : `${short(found.ratio)} ×`;
  return `| ${[...cells, `${short(found.measured)} ${target.unit ?? ''}`, ratio, verdict(target, found)].join(' | ')} |`;
}

/** Every target with what was measured. */
export function targetTable(results: Results): string {
  return ['| what | target | scenario | measured | to the baseline | met |', '| --- | --- | --- | --- | --- | --- |', ...TARGETS.map((target) => line(target, results))].join('\n');
}
