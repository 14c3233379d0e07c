import { APPROVAL_STATUSES, type Deployment, type EventType, type RecordedEvent, type DomainEvent, limit } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.js';
import { newId } from './new-id.js';
import { prepared } from './prepared.js';
import { type Outside, type OutsideColumns, outsideColumns, toOutside } from './outside.js';

/** A deployment as it was read, and the database's time then. */
export interface Seen {
  readonly deployment: Deployment;
  readonly now: Date;
}

/** A deployment that this unit of work has locked, with what is outside, and the database's time after the lock was had. */
export interface Locked extends Seen {
  readonly outside: Outside;
}

/** Reads one deployment; null where there is none. */
export async function findDeployment(db: Queryable, id: string): Promise<Deployment | null> {
  const [row] = await db.query<DeploymentRow>(`SELECT ${DEPLOYMENT_COLUMNS} FROM deployments d WHERE d.id = $1`, [id]);
  return row === undefined ? null : toDeployment(row);
}

const FIND = prepared('find_deployments', `SELECT ${DEPLOYMENT_COLUMNS}, clock_timestamp() AS now FROM deployments d WHERE d.id = ANY ($1::uuid[])`);

/** Reads many deployments at once, by id; those that do not exist are absent. */
export async function findDeployments(db: Queryable, ids: readonly string[]): Promise<Map<string, Seen>> {
  const rows = await db.query<DeploymentRow & { now: Date }>(FIND, [ids]);
  return new Map(rows.map((row) => [row.id, { deployment: toDeployment(row), now: row.now }]));
}

/**
 * Locks one deployment against every other writer until the unit of work ends. The read is a statement of its own:
 * its snapshot is taken after the lock, so that decisions committed while it waited are seen.
 */
export async function lockDeployment(uow: UnitOfWork, id: string): Promise<Locked | null> {
  const locked = await uow.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE', [id]);
  if (locked.length === 0) return null;
  const [row] = await uow.query<DeploymentRow & OutsideColumns & { now: Date }>(
    `SELECT ${DEPLOYMENT_COLUMNS}, ${outsideColumns('d.id')}, clock_timestamp() AS now FROM deployments d WHERE d.id = $1`,
    [id],
  );
  return row === undefined ? null : { deployment: toDeployment(row), outside: toOutside(row), now: row.now };
}

/**
 * Locks a deployment together with the one that it goes back from, if it does, always in the order of their ids: then
 * two that go back from the same one cannot wait for each other. Returns that one's id; null where there is none.
 */
export async function lockWithReplaced(uow: UnitOfWork, id: string): Promise<string | null> {
  const rows = await uow.query<{ id: string }>(
    `SELECT id FROM deployments WHERE id IN ($1, (SELECT d.rollback_of FROM deployments d WHERE d.id = $1))
     ORDER BY id FOR UPDATE`,
    [id],
  );
  return rows.find((row) => row.id !== id)?.id ?? null;
}

// One statement, and so one round trip while the row is locked: who waits for the lock waits for each.
const SAVE = `
WITH changed AS (
  UPDATE deployments SET revision = $2, description = $3, links = $4, metadata = $5, status = $6,
    approval_status = $7, limit_at = $8, updated_at = $9, started_at = $10, finished_at = $11
  WHERE id = $1
), decided AS (
  INSERT INTO decisions (deployment_id, actor, decision, reason, at)
  SELECT $1, x.actor, x.decision, x.reason, $9 FROM json_to_recordset($12::json) AS x(actor text, decision text, reason text)
)
INSERT INTO events (deployment_id, revision, id, type, actor, data, request_id, at)
SELECT $1, e.revision, e.id, e.type, e.actor, e.data, $14, $9
FROM json_to_recordset($13::json) AS e(revision int, id uuid, type text, actor text, data jsonb)`;

/**
 * Writes a locked deployment's new state with the events that led there and the decision that was counted, if any.
 * Listeners hear of it after the commit.
 */
export async function saveChange(
  uow: UnitOfWork,
  change: { readonly deployment: Deployment; readonly events: readonly DomainEvent[] },
  requestId: string | null,
): Promise<void> {
  const { deployment: d, events } = change;
  const decisions = events.flatMap(({ type, data }) => (type === 'approval.decided' && data.decision !== undefined ? [data.decision] : []));
  await uow.query(SAVE, [
    d.id,
    d.revision,
    d.description,
    JSON.stringify(d.links),
    JSON.stringify(d.metadata),
    d.status,
    d.approval.status,
    limit(d)?.at ?? null,
    d.updatedAt,
    d.startedAt,
    d.finishedAt,
    JSON.stringify(decisions),
    JSON.stringify(events.map((event) => ({ ...event, id: newId() }))),
    requestId,
  ]);
  uow.announce({ kind: 'deployment', id: d.id, revision: d.revision });
}

interface EventRow {
  id: string;
  deployment_id: string;
  revision: number;
  type: RecordedEvent['type'];
  actor: string | null;
  data: RecordedEvent['data'];
  at: Date;
}

function toEvent(row: EventRow): RecordedEvent {
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    revision: row.revision,
    type: row.type,
    actor: row.actor,
    data: row.data,
    at: row.at,
  };
}

/** The events of a deployment in order of revision, `limit` of them after revision `after`. */
export async function listEvents(
  db: Queryable,
  deploymentId: string,
  page: { readonly after: number; readonly limit: number },
): Promise<RecordedEvent[]> {
  const rows = await db.query<EventRow>(
    `SELECT id, deployment_id, revision, type, actor, data, at FROM events
     WHERE deployment_id = $1 AND revision > $2 ORDER BY revision LIMIT $3`,
    [deploymentId, page.after, page.limit],
  );
  return rows.map(toEvent);
}

/** One event by the revision that it made. */
export async function findEvent(db: Queryable, deploymentId: string, revision: number): Promise<RecordedEvent | null> {
  const [event] = await listEvents(db, deploymentId, { after: revision - 1, limit: 1 });
  return event?.revision === revision ? event : null;
}

/** The latest event of one type; null where there is none. */
export async function findLastEvent(db: Queryable, deploymentId: string, type: EventType): Promise<RecordedEvent | null> {
  const [row] = await db.query<EventRow>(
    `SELECT id, deployment_id, revision, type, actor, data, at FROM events
     WHERE deployment_id = $1 AND type = $2 ORDER BY revision DESC LIMIT 1`,
    [deploymentId, type],
  );
  return row === undefined ? null : toEvent(row);
}

// Of each approval status, as the index has them, and of those what passed longest ago.
const LAPSED = `
SELECT lapsed.id FROM unnest($1::text[]) AS s(approval_status) CROSS JOIN LATERAL (
  SELECT d.id, d.limit_at FROM deployments d WHERE d.approval_status = s.approval_status AND d.limit_at <= now()
  ORDER BY d.limit_at, d.id LIMIT $2
) AS lapsed ORDER BY lapsed.limit_at, lapsed.id LIMIT $2`;

/** Ids of deployments whose limit of time has passed on the database's clock, longest first. */
export async function findLapsed(db: Queryable, max: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(LAPSED, [APPROVAL_STATUSES, max]);
  return rows.map(({ id }) => id);
}
