import type { EffectKind } from '@deptracker/domain';
import { type Bind, all } from './deployment-filter.js';
import type { Phase } from './effect-row.js';
import { combined, newestOfEach } from './value-by-value.js';
import type { Step } from './walk.js';

const INDEX = { table: 'effects', columns: ['kind', 'phase'] };

/** What a list of effects is read from, value by value; both are a handful of constants. */
export interface EffectPlaces {
  readonly kinds: readonly EffectKind[];
  readonly phases: readonly Phase[];
}

/** The step of a walk over all these places together, so that it costs no more than one along a single index. */
export const stepOver = ({ kinds, phases }: EffectPlaces, step: Step): Step => ({ ...step, steps: Math.ceil(step.steps / (kinds.length * phases.length)) });

/** What their times and ids are called to whoever says more of them. */
export const MERGED = { at: 'x.created_at', id: 'x.id' } as const;

/** The newest `each` effects `e` of these places, to be selected from, `within` a span. */
export function mergedEffects({ kinds, phases }: EffectPlaces, within: readonly string[], each: number, bind: Bind): string {
  const newest = newestOfEach(INDEX, `(${combined(INDEX.columns, [bind(kinds), bind(phases)])})`, 'x', all(within), each);
  return `(SELECT * FROM (${newest}) AS merged ORDER BY created_at DESC, id DESC LIMIT ${each}) AS k
    CROSS JOIN LATERAL (SELECT * FROM effects WHERE id = k.id OFFSET 0) AS e`;
}
