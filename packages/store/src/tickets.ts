import knex, { type Knex } from 'knex';
import type { Queryable } from './database.js';
import type { Phase } from './effect-row.js';
import { type Position, asInstant } from './position.js';

/** A ticket that is owed or stands: of a deployment, or of nothing else. */
export interface Ticket {
  /** Of its effect. */
  readonly id: string;
  readonly deploymentId: string | null;
  /** Null as long as nothing is known to stand in Jira. */
  readonly key: string | null;
  readonly url: string | null;
  /** What was asked for or last seen. */
  readonly projectKey: string | null;
  readonly summary: string | null;
  readonly description: string | null;
  readonly type: string | null;
  readonly status: string | null;
  readonly statusCategory: string | null;
  readonly assigneeId: string | null;
  readonly assignee: string | null;
  readonly priority: string | null;
  readonly resolution: string | null;
  readonly requestedBy: string | null;
  readonly phase: Phase;
  readonly lastError: string | null;
  readonly deletedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Filters of a list; all that are given must hold. `from` is inclusive, `to` exclusive. */
export interface TicketFilter {
  readonly deployment?: string;
  /** Of the deployment. */
  readonly project?: string;
  readonly status?: string;
  readonly phase?: Phase;
  readonly key?: string;
  readonly from?: Date;
  readonly to?: Date;
}

// As its index has it: the planner compares the texts.
const IS_TICKET = `e.kind IN ('jira.ticket', 'jira.issue')`;

const COLUMNS = `e.id, e.deployment_id AS "deploymentId", t.key, t.url, t.project_key AS "projectKey", t.summary, t.description,
  t.type, t.status, t.status_category AS "statusCategory", t.assignee_id AS "assigneeId", t.assignee, t.priority, t.resolution,
  t.requested_by AS "requestedBy", e.phase, e.last_error AS "lastError", t.deleted_at AS "deletedAt",
  e.created_at AS "createdAt", greatest(e.updated_at, t.updated_at) AS "updatedAt"`;

/** Reads one by its id or, in capitals, its key; null where there is none. Where two had a key, the newer one has it. */
export async function findTicket(db: Queryable, by: { readonly id: string } | { readonly key: string }): Promise<Ticket | null> {
  const [where, value] = 'id' in by ? ['e.id = $1', by.id] : ['t.key = $1', by.key];
  const [row] = await db.query<Ticket & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM effects e LEFT JOIN jira_tickets t ON t.effect_id = e.id
     WHERE ${where} AND ${IS_TICKET} ORDER BY e.created_at DESC, e.id DESC LIMIT 1`,
    [value],
  );
  return row ?? null;
}

// Builds SQL only; it never connects.
const builder: Knex = knex({ client: 'pg' });

interface Order {
  readonly at: string;
  readonly id: string;
}

/**
 * The same order in each table that a filter can begin with: a ticket is owed since its deployment is there, and
 * `owed_at` repeats that beside the status.
 */
function orderOf({ project, status, key }: TicketFilter): Order {
  if (project !== undefined) return { at: 'd.created_at', id: 'd.id' };
  if (status !== undefined || key !== undefined) return { at: 't.owed_at', id: 't.effect_id' };
  return { at: 'e.created_at', id: 'e.id' };
}

function filtered(query: Knex.QueryBuilder, filter: TicketFilter, { at }: Order): void {
  const { deployment, project, status, phase, key, from, to } = filter;
  if (project !== undefined) query.join('deployments as d', 'd.id', 'e.deployment_id').where('d.project', project);
  if (deployment !== undefined) query.where('e.deployment_id', deployment);
  if (status !== undefined) query.where('t.status', status);
  if (phase !== undefined) query.where('e.phase', phase);
  if (key !== undefined) query.where('t.key', key);
  if (from !== undefined) query.where(at, '>=', from);
  if (to !== undefined) query.where(at, '<', to);
}

/** A page of tickets, those owed last first, and the position after which the next one goes on; null at the end. */
export async function listTickets(
  db: Queryable,
  filter: TicketFilter,
  page: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly tickets: readonly Ticket[]; readonly next: Position | null }> {
  const order = orderOf(filter);
  const position = `${asInstant(order.at)} AS "positionAt", ${order.id} AS "positionId"`;
  const query = builder('effects as e')
    .select(builder.raw(COLUMNS), builder.raw(position))
    .leftJoin('jira_tickets as t', 't.effect_id', 'e.id')
    .whereRaw(IS_TICKET)
    .orderBy([{ column: order.at, order: 'desc' }, { column: order.id, order: 'desc' }])
    .limit(page.limit + 1);
  filtered(query, filter, order);
  if (page.after !== null) query.whereRaw(`(${order.at}, ${order.id}) < (?::timestamptz, ?::uuid)`, [page.after.createdAt, page.after.id]);
  const { sql, bindings } = query.toSQL().toNative();
  const rows = await db.query<Ticket & { positionAt: string; positionId: string } & Record<string, unknown>>(sql, bindings);
  const tickets = rows.slice(0, page.limit);
  const last = tickets.at(-1);
  return { tickets, next: rows.length > page.limit && last !== undefined ? { createdAt: last.positionAt, id: last.positionId } : null };
}
