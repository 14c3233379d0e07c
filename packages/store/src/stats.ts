import { TALLIED, type DurationCount, type Tally } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { columnOf } from './rollups.js';

export const GRAINS = ['hour', 'day'] as const;
export type Grain = (typeof GRAINS)[number];

/** Durations of one hour or day. */
export interface DurationRow extends DurationCount {
  readonly at: Date;
  readonly metric: 'approval_wait' | 'rollout';
  readonly sumMs: number;
}

export interface StatsQuery {
  /** Both at the beginning of an hour or day in UTC; `to` does not belong to it. */
  readonly from: Date;
  readonly to: Date;
  readonly grain: Grain;
  /** Null is all of them together. */
  readonly project: string | null;
  readonly environment: string | null;
}

export interface Stats {
  readonly tallies: readonly (Tally & { readonly at: Date })[];
  readonly durations: readonly DurationRow[];
}

const NAMES = Object.keys(TALLIED) as (keyof Tally)[];
const WHERE = 'project = $1 AND environment = $2 AND grain = $3 AND starts_at >= $4 AND starts_at < $5';

/** What the rollups say of a span; hours and days in which nothing happened are absent. Reads one row for each of the others. */
export async function readStats(db: Queryable, query: StatsQuery): Promise<Stats> {
  const values = [query.project ?? '', query.environment ?? '', query.grain, query.from, query.to];
  const [tallies, durations] = await Promise.all([
    db.query<Tally & { at: Date }>(
      `SELECT starts_at AS at, ${NAMES.map((name) => `${columnOf(name)} AS "${name}"`).join(', ')} FROM rollups
       WHERE ${WHERE} ORDER BY starts_at`,
      values,
    ),
    db.query<DurationRow>(
      `SELECT starts_at AS at, metric, bucket, samples, sum_ms::float8 AS "sumMs" FROM rollup_durations
       WHERE ${WHERE} ORDER BY starts_at`,
      values,
    ),
  ]);
  return { tallies, durations };
}

/** Up to when events are counted, null where none are yet; and the database's time. */
export async function readFreshness(db: Queryable): Promise<{ readonly freshAsOf: Date | null; readonly now: Date }> {
  const [row] = await db.query<{ freshAsOf: Date | null; now: Date }>(
    `SELECT nullif(counted_until, '-infinity') AS "freshAsOf", clock_timestamp() AS now FROM rollup_state`,
  );
  if (row === undefined) throw new Error('The state of the rollups is gone.');
  return row;
}
