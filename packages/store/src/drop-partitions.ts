import { STATUSES, isFinal } from '@deptracker/domain';
import type { Database, Queryable } from './database.js';
import { EFFECT_TARGETS } from './effect-row.js';
import { BEFORE, type Span, changePartitions, listSpans } from './partitions.js';

// What has ended by success may still be rolled back; that changes nothing that is owed.
const OPEN = STATUSES.filter((status) => !isFinal(status) && status !== 'succeeded');

/** Whether anything of a span must stay: it is open, ended too recently, is not in the figures yet, or owes something. */
async function mustStay(db: Queryable, { name, from, to }: Span, olderThanMs: number): Promise<boolean> {
  const [row] = await db.query<{ stays: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM deployments_${name} WHERE status = ANY ($1))
       OR EXISTS (SELECT 1 FROM deployments_${name} WHERE finished_at > now() - make_interval(secs => $2 / 1000.0))
       OR EXISTS (SELECT 1 FROM rollup_state s CROSS JOIN LATERAL (SELECT 1 FROM events_${name} e WHERE e.at >= s.counted_until LIMIT 1) AS x)
       OR EXISTS (SELECT 1 FROM effects WHERE target = ANY ($3) AND next_attempt_at IS NOT NULL AND deployment_id >= $4 AND deployment_id < $5)
       AS stays`,
    [OPEN, olderThanMs, EFFECT_TARGETS, from, to],
  );
  return row?.stays !== false;
}

/** Those that hold nothing younger, the oldest first. */
async function pastSpans(db: Queryable, olderThanMs: number): Promise<Span[]> {
  const [clock] = await db.query<{ now: Date }>('SELECT now()');
  const spans = await listSpans(db);
  return spans.filter(({ endsAt }) => clock !== undefined && endsAt.getTime() + olderThanMs <= clock.now.getTime());
}

/**
 * Drops the partitions of which everything was finished longer than `olderThanMs` ago, owes nothing and is in the figures;
 * returns their names. The others stay until then. What belongs to the deployments in other tables is left to
 * `removeOrphans`; that it is to be done is committed with the drop. Throws at the end where some could not be dropped,
 * such as one that a long transaction reads; the others are gone by then.
 */
export async function dropPartitions(database: Database, olderThanMs: number): Promise<readonly string[]> {
  const dropped: string[] = [];
  const failures: string[] = [];
  for (const span of await pastSpans(database, olderThanMs)) {
    const state = { locked: false };
    try {
      if (await dropSpan(database, span, olderThanMs, state)) dropped.push(span.name);
    } catch (error) {
      failures.push(`${span.name} (${error instanceof Error ? error.message : String(error)})`);
      // Somebody has all of the table, and creates have waited behind us: once is enough.
      if (!state.locked) break;
    }
  }
  if (failures.length > 0) throw new Error(`partitions are still there: ${failures.join(', ')}; dropped: ${dropped.join(', ') || 'none'}`);
  return dropped;
}

/** `state` tells whether the tables themselves were locked, so that only the partitions can have been in use. */
async function dropSpan(database: Database, span: Span, olderThanMs: number, state: { locked: boolean }): Promise<boolean> {
  // First without holding anybody up.
  if (await mustStay(database, span, olderThanMs)) return false;
  return changePartitions(database, async (uow) => {
    if (!(await listSpans(uow)).some(({ name }) => name === span.name)) return false;
    // As the drop itself will, and before it is looked at again: now nobody changes anything.
    await uow.query('LOCK TABLE ONLY deployments, ONLY events IN ACCESS EXCLUSIVE MODE');
    state.locked = true;
    if (await mustStay(uow, span, olderThanMs)) return false;
    await uow.query(`DROP TABLE deployments_${span.name}, events_${span.name}`);
    await uow.query(
      'INSERT INTO dropped_partitions (from_id, to_id) VALUES ($1, $2) ON CONFLICT (from_id) DO UPDATE SET to_id = greatest(dropped_partitions.to_id, excluded.to_id)',
      [span.from, span.to],
    );
    return true;
  });
}

/** Ids that retention removes by whole partitions, when their time has come; the others go one by one. Null where none do. */
export async function findDroppable(db: Queryable, olderThanMs: number): Promise<{ readonly from: string; readonly to: string } | null> {
  const past = new Set((await pastSpans(db, olderThanMs)).map(({ name }) => name));
  // What was there before partitions were is of many years, and would stay as many.
  const waiting = (await listSpans(db)).filter(({ name }) => name !== BEFORE && !past.has(name));
  const [first, last] = [waiting[0], waiting.at(-1)];
  return first === undefined || last === undefined ? null : { from: first.from, to: last.to };
}

/** Keys first: they can be used anew. */
const OF_DEPLOYMENTS = ['deployment_keys', 'decisions', 'jira_tickets', 'slack_messages', 'effects'] as const;

async function removeFrom(db: Queryable, table: (typeof OF_DEPLOYMENTS)[number], { from, to }: { from: string; to: string }, max: number): Promise<number> {
  const actions = table === 'effects' ? ', actions AS (DELETE FROM effect_actions WHERE effect_id = ANY (ARRAY(SELECT id FROM gone)))' : '';
  const [row] = await db.query<{ count: number }>(
    // An id with a foreign time may have come since, to the default partition.
    `WITH gone AS (
       DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT x.ctid FROM ${table} x
         WHERE x.deployment_id >= $1 AND x.deployment_id < $2
           AND NOT EXISTS (SELECT 1 FROM deployments d WHERE d.id = x.deployment_id AND d.id >= $1 AND d.id < $2)
         ORDER BY x.deployment_id LIMIT $3))
       RETURNING ${table}.*)${actions}
     SELECT count(*)::int AS count FROM gone`,
    [from, to, max],
  );
  return row?.count ?? 0;
}

/**
 * Removes one batch, of at most `max` rows, of what belonged to deployments whose partition is gone; fewer is the end.
 * Whoever dies in between has only left it to the next run.
 */
export async function removeOrphans(db: Queryable, max: number): Promise<number> {
  let removed = 0;
  const spans = await db.query<{ from: string; to: string }>('SELECT from_id AS "from", to_id AS "to" FROM dropped_partitions ORDER BY from_id');
  for (const span of spans) {
    for (const table of OF_DEPLOYMENTS) {
      removed += await removeFrom(db, table, span, max - removed);
      if (removed === max) return removed;
    }
    await db.query('DELETE FROM dropped_partitions WHERE from_id = $1', [span.from]);
  }
  return removed;
}
