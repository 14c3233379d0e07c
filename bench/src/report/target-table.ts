import { medianOf, short } from './figures.js';
import type { Profiles, Result, Results } from './results.js';
import { TARGETS, type Target } from './targets.js';

/** What a target came to; null where its scenario was not run. */
export interface Reached {
  /** The result's name: for a long history with its length. */
  readonly from: string;
  /** Rows of that history where the target asks for others. */
  readonly otherRows: number | null;
  readonly measured: number;
  readonly ratio: number | null;
  readonly met: boolean;
}

/** The scenario's result; of a long history that of the length which the target asks for, else of the longest that was measured. */
function resultOf({ scenario, rows }: Target, results: Results): readonly [name: string, result: Result] | undefined {
  const found = Object.entries(results).filter(([name]) => name.replace(/@.*/, '') === scenario);
  return found.find(([, result]) => result.rows === (rows ?? null)) ?? found.sort(([, a], [, b]) => (b.rows ?? 0) - (a.rows ?? 0))[0];
}

/** Holds a target against the results. */
export function reached(target: Target, results: Results): Reached | null {
  const { figure, as, atLeast, atMost, rows = null } = target;
  const [from, result] = resultOf(target, results) ?? [];
  const own = result && medianOf(result, 'product', figure);
  if (result === undefined || from === undefined || own === undefined) return null;
  const base = medianOf(result, 'baseline', figure);
  const ratio = base === undefined || base === 0 ? null : own / base;
  const measured = as === 'value' ? own : ratio;
  if (measured === null) return null;
  const otherRows = result.rows === rows ? null : result.rows;
  return { from, otherRows, measured, ratio, met: measured >= (atLeast ?? -Infinity) && measured <= (atMost ?? Infinity) };
}

const limitOf = ({ atLeast, atMost = 0, unit = '' }: Target): string => `${atLeast === undefined ? `≤ ${short(atMost)}` : `≥ ${short(atLeast)}`} ${unit}`;

function verdict({ atLeast, atMost = 0 }: Target, { measured, met, otherRows }: Reached): string {
  if (met) return otherRows === null ? 'met' : `met, but at ${otherRows.toLocaleString('en-US')}`;
  if (atLeast !== undefined) return `**no**: ${short((1 - measured / atLeast) * 100)} % too little`;
  return atMost === 0 ? `**no**: ${short(measured)} too many` : `**no**: ${short((measured / atMost - 1) * 100)} % too much`;
}

/** Where to look for why a target is not met. */
const whyNot = ({ from, met }: Reached, profiles: Profiles): string => (met || profiles[from] === undefined ? '' : ` ([why](PROFILE.md#${from.replace('@', '')}))`);

function line(target: Target, results: Results, profiles: Profiles): string {
  const found = reached(target, results);
  const cells = [target.what, limitOf(target), found?.from ?? target.scenario];
  if (found === null) return `| ${[...cells, '–', '–', 'not measured'].join(' | ')} |`;
  const ratio = found.ratio === null ? '–' : `${short(found.ratio)} ×`;
  return `| ${[...cells, `${short(found.measured)} ${target.unit ?? ''}`, ratio, `${verdict(target, found)}${whyNot(found, profiles)}`].join(' | ')} |`;
}

/** Every target with what was measured. */
export function targetTable(results: Results, profiles: Profiles = {}): string {
  return ['| what | target | scenario | measured | to the baseline | met |', '| --- | --- | --- | --- | --- | --- |', ...TARGETS.map((target) => line(target, results, profiles))].join('\n');
}
