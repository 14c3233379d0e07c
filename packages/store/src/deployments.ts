import { type Deployment, type RecordedEvent, type DomainEvent, limit } from '@deptracker/domain';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, UnitOfWork } from './database.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.js';

/** A deployment that this unit of work has locked, and the database's time after the lock was had. */
export interface Locked {
  readonly deployment: Deployment;
  readonly now: Date;
}

/** Reads one deployment; null where there is none. */
export async function findDeployment(db: Queryable, id: string): Promise<Deployment | null> {
  const [row] = await db.query<DeploymentRow>(`SELECT ${DEPLOYMENT_COLUMNS} FROM deployments d WHERE d.id = $1`, [id]);
  return row === undefined ? null : toDeployment(row);
}

/**
 * Locks one deployment against every other writer until the unit of work ends. The read is a statement of its own:
 * its snapshot is taken after the lock, so that decisions committed while it waited are seen.
 */
export async function lockDeployment(uow: UnitOfWork, id: string): Promise<Locked | null> {
  const locked = await uow.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE', [id]);
  if (locked.length === 0) return null;
  const [row] = await uow.query<DeploymentRow & { now: Date }>(
    `SELECT ${DEPLOYMENT_COLUMNS}, clock_timestamp() AS now FROM deployments d WHERE d.id = $1`,
    [id],
  );
  return row === undefined ? null : { deployment: toDeployment(row), now: row.now };
}

/** Writes a locked deployment's new state with the events that led there and the decision that was counted, if any. */
export async function saveChange(
  uow: UnitOfWork,
  change: { readonly deployment: Deployment; readonly events: readonly DomainEvent[] },
  requestId: string | null,
): Promise<void> {
  const { deployment: d, events } = change;
  await uow.query(
    `UPDATE deployments SET revision = $2, description = $3, links = $4, metadata = $5, status = $6,
       approval_status = $7, limit_at = $8, updated_at = $9, started_at = $10, finished_at = $11
     WHERE id = $1`,
    [
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
    ],
  );
  for (const event of events) {
    if (event.type === 'approval.decided' && event.data.decision !== undefined) {
      const { actor, decision, reason } = event.data.decision;
      await uow.query(
        'INSERT INTO decisions (deployment_id, actor, decision, reason, at) VALUES ($1, $2, $3, $4, $5)',
        [d.id, actor, decision, reason, d.updatedAt],
      );
    }
  }
  await uow.query(
    `INSERT INTO events (deployment_id, revision, id, type, actor, data, request_id, at)
     SELECT $1, e.revision, e.id, e.type, e.actor, e.data, $3, $4
     FROM json_to_recordset($2::json) AS e(revision int, id uuid, type text, actor text, data jsonb)`,
    [d.id, JSON.stringify(events.map((event) => ({ ...event, id: uuidv7() }))), requestId, d.updatedAt],
  );
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

/** Ids of deployments whose limit of time has passed on the database's clock, longest first. */
export async function findLapsed(db: Queryable, max: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'SELECT id FROM deployments WHERE limit_at <= now() ORDER BY limit_at LIMIT $1',
    [max],
  );
  return rows.map(({ id }) => id);
}
