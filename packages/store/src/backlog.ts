import type { Target } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { EFFECT_TARGETS, type Phase } from './effect-row.js';

/** What is still owed to one target in one phase. */
export interface Backlog {
  readonly target: Target;
  readonly phase: Phase;
  /** Rows with something still to do, or held or dead. */
  readonly count: number;
  /** Rows whose time has come. */
  readonly due: number;
  /** Rows that have failed since they last succeeded and are tried again. */
  readonly failing: number;
  /** Seconds that the oldest due row has waited; 0 where none is due. */
  readonly oldestDueSeconds: number;
  /** Seconds since the first failure of the row that has failed longest; 0 where none fails. */
  readonly oldestFailingSeconds: number;
}

const seconds = (age: string): string => `coalesce(extract(epoch FROM max(${age})), 0)::float8`;

/** Rows of each target and urgency, and of each phase that waits for a person, that are counted at most. */
const MOST_COUNTED = 10_000;

// Each branch goes along an index, from what is due longest. As one condition on all rows it would be a scan of the whole
// table as soon as much is owed: in an outage, when somebody wants to know.
const OWED = `
SELECT owed.* FROM unnest($1::text[]) AS t(target) CROSS JOIN unnest(ARRAY[1, 2, 3]) AS p(priority)
CROSS JOIN LATERAL (
  SELECT target, phase, kind, parent_id, next_attempt_at, failing_since FROM effects e
  WHERE e.target = t.target AND e.priority = p.priority AND e.next_attempt_at IS NOT NULL
  ORDER BY e.next_attempt_at LIMIT ${MOST_COUNTED}
) AS owed
UNION ALL
SELECT stuck.* FROM unnest(ARRAY['held', 'dead']) AS s(phase)
CROSS JOIN LATERAL (
  SELECT target, phase, kind, parent_id, next_attempt_at, failing_since FROM effects e
  WHERE e.phase = s.phase AND e.phase IN ('held', 'dead') AND e.discarded_at IS NULL AND e.next_attempt_at IS NULL
  ORDER BY e.id LIMIT ${MOST_COUNTED}
) AS stuck`;

/**
 * What is still owed, per target and phase. What is done or discarded does not count, nor
 * notices, whose digest counts for them.
 * It costs so much as is owed, and not without end: beyond 10,000 rows of one target and urgency no more are counted.
 */
export async function countBacklog(db: Queryable): Promise<Backlog[]> {
  return [
    ...(await db.query<Backlog>(
      `SELECT target, phase, count(*)::int AS count, count(*) FILTER (WHERE next_attempt_at <= now())::int AS due,
         count(failing_since) FILTER (WHERE next_attempt_at IS NOT NULL)::int AS failing,
         ${seconds('CASE WHEN next_attempt_at <= now() THEN now() - next_attempt_at END')} AS "oldestDueSeconds",
         ${seconds('CASE WHEN next_attempt_at IS NOT NULL THEN now() - failing_since END')} AS "oldestFailingSeconds"
       FROM (${OWED}) AS owed
       WHERE NOT (kind = 'slack.notice' AND parent_id IS NOT NULL)
       GROUP BY target, phase`,
      [EFFECT_TARGETS],
    )),
  ];
}

/** After so long a row that keeps failing is worth a look: the vendor is down, or refuses us. */
const FAILING_TOO_LONG_S = 120;

/** The backlog in figures, and what is wrong with it in words; null where nothing is. */
export function summarizeBacklog(rows: readonly Backlog[]): {
  readonly figures: Readonly<Record<string, number>>;
  readonly complaint: string | null;
} {
  const sum = (pick: (row: Backlog) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  const oldest = (pick: (row: Backlog) => number): number => Math.round(Math.max(0, ...rows.map(pick)));
  const stuck = (row: Backlog): boolean => row.phase === 'held' || row.phase === 'dead';
  const figures = {
    due: sum((row) => row.due),
    waiting: sum((row) => (stuck(row) ? 0 : row.count - row.due)),
    unknown: sum((row) => (row.phase === 'unknown' ? row.count : 0)),
    failing: sum((row) => row.failing),
    heldOrDead: sum((row) => (stuck(row) ? row.count : 0)),
    oldestDueSeconds: oldest((row) => row.oldestDueSeconds),
    oldestFailingSeconds: oldest((row) => row.oldestFailingSeconds),
  };
  const complaints = [
    ...(figures.heldOrDead > 0 ? [`${figures.heldOrDead} effects are held or dead and wait for a person`] : []),
    ...(figures.oldestFailingSeconds > FAILING_TOO_LONG_S
      ? [`${figures.failing} effects are failing, the oldest for ${figures.oldestFailingSeconds} s`]
      : []),
  ];
  return { figures, complaint: complaints.length === 0 ? null : complaints.join('; ') };
}
