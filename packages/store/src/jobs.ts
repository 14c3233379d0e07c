import { EFFECT_KINDS, type EffectKind, type JobState, type OPEN_JOB_STATES, type Target } from '@deptracker/domain';
import type { Queryable } from './database.js';
import type { Phase, QueuedEffect } from './effect-row.js';
import { newId } from './new-id.js';

/** An effect as those who look after deliveries see it. Times are the database's. */
export interface Job extends QueuedEffect {
  readonly state: JobState;
  readonly phase: Phase;
  readonly deploymentId: string | null;
  /** What it belongs to: the message of a reply, the ticket of a comment, the digest of a notice. */
  readonly parentId: string | null;
  readonly attempts: number;
  readonly sends: number;
  readonly lookups: number;
  readonly lastError: string | null;
  readonly failingSince: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly leaseUntil: Date | null;
  readonly externalId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a person did to an effect. */
export interface EffectAction {
  readonly id: string;
  readonly action: 'replayed' | 'discarded';
  readonly actor: string | null;
  readonly reason: string | null;
  /** What it was before. */
  readonly state: JobState;
  readonly lastError: string | null;
  readonly at: Date;
}

type OpenState = (typeof OPEN_JOB_STATES)[number];

export interface JobFilter {
  readonly state?: OpenState | 'discarded';
  readonly target?: Target;
  readonly kind?: EffectKind;
  readonly priority?: number;
  readonly deployment?: string;
}

const IN_DIGEST = `(kind = 'slack.notice' AND parent_id IS NOT NULL)`;

/** Word for word what the index effects_jobs_kind holds. */
export const NOT_DONE = `(next_attempt_at IS NOT NULL OR (phase IN ('held', 'dead') AND discarded_at IS NULL))
  AND NOT (kind = 'slack.notice' AND parent_id IS NOT NULL)`;

const LEASED = 'coalesce(lease_until > now(), false)';
const UNANSWERED = `phase IN ('sending', 'unknown')`;

// The time of the look itself: a transaction may have begun before the change that it waited for.
const STATE = `CASE
  WHEN discarded_at IS NOT NULL THEN 'discarded' WHEN lease_until > clock_timestamp() THEN 'running' WHEN phase IN ('held', 'dead') THEN phase
  WHEN next_attempt_at IS NULL THEN CASE WHEN ${IN_DIGEST} AND phase <> 'sent' THEN 'gathered' ELSE 'done' END
  WHEN ${UNANSWERED} THEN 'unknown' WHEN next_attempt_at <= clock_timestamp() THEN 'due' ELSE 'waiting' END`;

const COLUMNS = `id, kind, target, priority, ${STATE} AS state, phase, deployment_id AS "deploymentId", parent_id AS "parentId",
  attempts, sends, lookups, last_error AS "lastError", failing_since AS "failingSince", next_attempt_at AS "nextAttemptAt",
  lease_until AS "leaseUntil", external_id AS "externalId", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Per state, what an index can find; the rest of the state is looked at row by row. */
const FOUND: Readonly<Record<OpenState | 'discarded' | 'open', string>> = {
  open: NOT_DONE,
  due: `${NOT_DONE} AND next_attempt_at <= now() AND NOT ${UNANSWERED} AND NOT ${LEASED}`,
  waiting: `${NOT_DONE} AND next_attempt_at > now() AND NOT ${UNANSWERED} AND NOT ${LEASED}`,
  running: `${NOT_DONE} AND next_attempt_at IS NOT NULL AND ${LEASED}`,
  unknown: `${UNANSWERED} AND next_attempt_at IS NOT NULL AND NOT ${LEASED}`,
  held: `phase = 'held' AND discarded_at IS NULL AND NOT ${IN_DIGEST}`,
  dead: `phase = 'dead' AND discarded_at IS NULL AND NOT ${IN_DIGEST}`,
  discarded: `discarded_at IS NOT NULL AND NOT ${IN_DIGEST}`,
};

const EQUALS = { target: 'target', kind: 'kind', priority: 'priority', deployment: 'deployment_id' } as const;

/** The others are found by their phase, by what is unknown, or among the few of one deployment. */
const BY_KIND: ReadonlySet<string> = new Set(['open', 'due', 'waiting', 'running']);

const KINDS = Object.keys(EFFECT_KINDS) as EffectKind[];
const kindsOf = ({ kind, target }: JobFilter): readonly EffectKind[] =>
  kind === undefined ? KINDS.filter((one) => target === undefined || EFFECT_KINDS[one] === target) : [kind];

/**
 * A page of jobs, oldest first, after the one with id `after`; without a state, all that are not done. Those are read from
 * each kind, as their index has them, and merged.
 */
export async function listJobs(
  db: Queryable,
  { state, ...filter }: JobFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Job[]> {
  const values: unknown[] = [page.limit];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const where = [FOUND[state ?? 'open']];
  for (const [name, column] of Object.entries(EQUALS)) {
    const value = filter[name as keyof typeof EQUALS];
    if (value !== undefined) where.push(`${column} = ${bind(value)}`);
  }
  if (page.after !== null) where.push(`id > ${bind(page.after)}::uuid`);
  const found = `SELECT ${COLUMNS} FROM effects WHERE ${where.join(' AND ')}`;
  if (filter.deployment !== undefined || !BY_KIND.has(state ?? 'open')) return [...(await db.query<Job>(`${found} ORDER BY id LIMIT $1`, values))];
  const sql = `SELECT j.* FROM unnest(${bind(kindsOf(filter))}::text[]) AS k(of_kind)
    CROSS JOIN LATERAL (${found} AND kind = k.of_kind ORDER BY id LIMIT (SELECT $1::bigint)) AS j ORDER BY j.id LIMIT $1`;
  return [...(await db.query<Job>(sql, values))];
}

/** One job, whatever its state; null where there is none. */
export async function findJob(db: Queryable, id: string): Promise<Job | null> {
  const [row] = await db.query<Job>(`SELECT ${COLUMNS} FROM effects WHERE id = $1`, [id]);
  return row ?? null;
}

/** What people did to an effect, oldest first. */
export async function listEffectActions(db: Queryable, effectId: string): Promise<EffectAction[]> {
  return [
    ...(await db.query<EffectAction>(
      `SELECT id, action, actor, reason, state, last_error AS "lastError", at FROM effect_actions
       WHERE effect_id = $1 ORDER BY id LIMIT 200`,
      [effectId],
    )),
  ];
}

/** Who does something to an effect, and why. */
export interface ByHand {
  readonly id: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
}

const NOTE = (action: EffectAction['action']): string =>
  `INSERT INTO effect_actions (id, effect_id, action, actor, reason, state, last_error, request_id)
   SELECT $2::uuid, id, '${action}', $3::text, $4::text, state, last_error, $5::text FROM before WHERE id IN (SELECT id FROM changed)`;

const FREE = `e.discarded_at IS NULL AND NOT coalesce(e.lease_until > clock_timestamp(), false) AND NOT (e.kind = 'slack.notice' AND e.parent_id IS NOT NULL)`;

/** The row as it is when its lock is had: whoever comes second sees what the first one made of it. */
const BEFORE = `before AS MATERIALIZED (SELECT *, ${STATE} AS state FROM effects WHERE id = $1 FOR UPDATE)`;

/**
 * Makes an effect due at once with all of its patience again, unless somebody works on it, it is due, or it is over.
 * What stands outside is brought up to date. What was ever sent without an answer is looked for before anything is sent
 * again, and only a whole quiet schedule of look-ups allows one request more; what was surely never applied is sent.
 * Returns what to queue; null where nothing was changed.
 */
export async function replayEffect(db: Queryable, by: ByHand, queueMs: number): Promise<QueuedEffect | null> {
  const [row] = await db.query<QueuedEffect>(
    `WITH ${BEFORE}, changed AS (
       UPDATE effects e SET
         phase = CASE WHEN e.external_id IS NOT NULL THEN 'sent' WHEN e.sends > 0 THEN 'unknown' ELSE 'unsent' END,
         attempts = 0, lookups = 0, rechecks = 0, max_sends = greatest(e.max_sends, e.sends + 1), next_attempt_at = now(),
         queued_until = CASE WHEN $6::int > 0 THEN now() + make_interval(secs => $6::int / 1000.0) END,
         failing_since = NULL, fence = e.fence + 1, updated_at = now()
       FROM before WHERE e.id = before.id AND ${FREE} AND (e.phase IN ('held', 'dead') OR e.next_attempt_at > clock_timestamp())
       RETURNING e.id, e.kind, e.target, e.priority
     ), noted AS (${NOTE('replayed')})
     SELECT * FROM changed`,
    [by.id, newId(), by.actor, by.reason, by.requestId, queueMs],
  );
  return row ?? null;
}

/**
 * Gives an effect up for good, unless somebody works on it or it is over: no change of its deployment wakes it, and it
 * counts as no trouble. A worker that lost its lease before can only record what it learned to stand outside. What could
 * only follow it goes along: the notices of a digest, and dead replies and comments to what never stood. False where
 * nothing was changed.
 */
export async function discardEffect(db: Queryable, by: ByHand): Promise<boolean> {
  const rows = await db.query(
    `WITH ${BEFORE}, changed AS (
       UPDATE effects e SET phase = 'dead', next_attempt_at = NULL, queued_until = NULL, lease_until = NULL, fence = e.fence + 1,
         failing_since = NULL, discarded_at = now(), updated_at = now(),
         last_error = left(concat('discarded by ', coalesce($3::text, 'somebody'), ': ', $4::text), 1000)
       FROM before WHERE e.id = before.id AND ${FREE} AND (e.phase IN ('held', 'dead') OR e.next_attempt_at IS NOT NULL)
       RETURNING e.id, e.external_id, e.last_error
     ), noted AS (${NOTE('discarded')}), followers AS (
       UPDATE effects f SET phase = 'dead', discarded_at = now(), failing_since = NULL, updated_at = now(), last_error = changed.last_error
       FROM changed WHERE f.parent_id = changed.id
         AND (f.kind = 'slack.notice' OR f.phase = 'dead' AND f.external_id IS NULL AND changed.external_id IS NULL)
     )
     SELECT 1 FROM changed`,
    [by.id, newId(), by.actor, by.reason, by.requestId],
  );
  return rows.length === 1;
}
