import type { Queryable } from './database.js';
import { all } from './deployment-filter.js';
import type { Phase } from './effect-row.js';
import { type Position, asInstant } from './position.js';
import { type Looked, type Step, type Walked, cutPage, walkAll, walkedTo, walking } from './walk.js';

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

type Row = Ticket & Looked & { readonly positionAt: string; readonly positionId: string };

type Bind = (value: unknown) => string;
const FACETS = ['deployment', 'project', 'status', 'phase', 'key'] as const;

// A row of another table is looked up where the path does not pass it, and only where it is asked for. Never as a join, for
// which the planner might read that table whole.
const OF_EFFECTS = {
  deployment: 'e.deployment_id',
  project: '(SELECT project FROM deployments WHERE id = e.deployment_id)',
  status: '(SELECT status FROM jira_tickets WHERE effect_id = e.id)',
  phase: 'e.phase',
  key: '(SELECT key FROM jira_tickets WHERE effect_id = e.id)',
};
const OF_TICKETS = {
  deployment: 't.deployment_id',
  project: '(SELECT project FROM deployments WHERE id = t.deployment_id)',
  status: 't.status',
  phase: '(SELECT phase FROM effects WHERE id = t.effect_id)',
  key: 't.key',
};

type Facet = (typeof FACETS)[number];

/** A way to look for tickets, newest first: along an index on some facets. */
interface Path {
  readonly serves: readonly Facet[];
  readonly at: string;
  readonly id: string;
  readonly from: string;
  readonly also: readonly string[];
  readonly columns: Readonly<Record<Facet, string>>;
  /** The id of the ticket's effect. */
  readonly effect: string;
}

const EFFECTS = { at: 'e.created_at', id: 'e.id', effect: 'e.id', from: 'effects e', columns: OF_EFFECTS };
const TICKETS = { at: 't.owed_at', id: 't.effect_id', effect: 't.effect_id', from: 'jira_tickets t', columns: OF_TICKETS };
const DEPLOYMENTS = { at: 'd.created_at', id: 'd.id' };

const PATHS = {
  // The condition of the index of all: without it that index is not used.
  all: { ...EFFECTS, serves: [], also: [IS_TICKET, `e.id >= '00000000-0000-0000-0000-000000000000'`] },
  deployment: { ...EFFECTS, serves: ['deployment'], also: [IS_TICKET] },
  phase: { ...EFFECTS, serves: ['phase'], also: [IS_TICKET] },
  key: { ...TICKETS, serves: ['key'], also: [] },
  status: { ...TICKETS, serves: ['status'], also: [] },
  project: {
    ...DEPLOYMENTS,
    serves: ['project'],
    from: `deployments d LEFT JOIN LATERAL (SELECT * FROM effects WHERE deployment_id = d.id AND kind = 'jira.ticket' LIMIT 1) e ON true`,
    also: [],
    effect: 'e.id',
    columns: { ...OF_EFFECTS, project: 'd.project' },
  },
  // With a status, so that the effects of the other deployments need not be looked at.
  projectStatus: {
    ...DEPLOYMENTS,
    serves: ['project'],
    from: 'deployments d LEFT JOIN LATERAL (SELECT * FROM jira_tickets WHERE deployment_id = d.id LIMIT 1) t ON true',
    also: [],
    effect: 't.effect_id',
    columns: { ...OF_TICKETS, project: 'd.project' },
  },
} as const satisfies Record<string, Path>;

/**
 * A ticket is owed since its deployment is there, and `owed_at` repeats that beside the status: so the paths by status and
 * by phase have one order.
 */
function pathsOf({ deployment, project, status, phase, key }: TicketFilter): readonly Path[] {
  if (deployment !== undefined) return [PATHS.deployment];
  if (key !== undefined) return [PATHS.key];
  if (project !== undefined) return [status === undefined ? PATHS.project : PATHS.projectStatus];
  const paths = [...(status === undefined ? [] : [PATHS.status]), ...(phase === undefined ? [] : [PATHS.phase])];
  return paths.length === 0 ? [PATHS.all] : paths;
}

/** What the path leaves to be looked at: the other filters, and whether a deployment has a ticket at all. */
function fitting(filter: TicketFilter, { serves, effect, columns }: Path, bind: Bind): string[] {
  const others = FACETS.filter((facet) => filter[facet] !== undefined && !serves.includes(facet));
  return [...(serves.includes('project') ? [`${effect} IS NOT NULL`] : []), ...others.map((facet) => `${columns[facet]} = ${bind(filter[facet])}`)];
}

async function walkPath(db: Queryable, path: Path, filter: TicketFilter, step: Step): Promise<Walked<Row>> {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { at, id, from, serves, also, effect, columns } = path;
  const where = [
    ...also,
    ...serves.map((facet) => `${columns[facet]} = ${bind(filter[facet])}`),
    ...(filter.from === undefined ? [] : [`${at} >= ${bind(filter.from)}`]),
    ...(filter.to === undefined ? [] : [`${at} < ${bind(filter.to)}`]),
    ...(step.after === null ? [] : [`(${at}, ${id}) < (${bind(step.after.createdAt)}::timestamptz, ${bind(step.after.id)}::uuid)`]),
  ];
  const fits = fitting(filter, path, bind);
  const looked = `SELECT ${at} AS at, ${id} AS id, ${effect} AS "effectId", coalesce(${all(fits)}, false) AS fits
    FROM ${from} WHERE ${all(where)} ORDER BY ${at} DESC, ${id} DESC`;
  const rows = await db.query<Row>(
    `SELECT ${COLUMNS}, w.fits, w.last, w.id AS "positionId",
       ${asInstant('w.at')} AS "positionAt"
     FROM ${walking(looked, step, fits.length === 0)} LEFT JOIN effects e ON e.id = w."effectId" LEFT JOIN jira_tickets t ON t.effect_id = e.id
     ORDER BY w.at DESC, w.id DESC`,
    values,
  );
  return walkedTo(rows, step.max, positionOf);
}

const positionOf = ({ positionAt, positionId }: Row): Position => ({ createdAt: positionAt, id: positionId });

/** Fewer than elsewhere: each is looked up in another table. */
const LOOKS = [500, 2_000] as const;

/**
 * A page of tickets, those owed last first, and the position after which the next one goes on; null at the end. Where of
 * many rows very few fit, it may hold fewer than `limit` and still not be the last.
 */
export async function listTickets(
  db: Queryable,
  filter: TicketFilter,
  { after, limit }: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly tickets: readonly Ticket[]; readonly next: Position | null }> {
  const found = await walkAll(pathsOf(filter), (path, step) => walkPath(db, path, filter, step), after, limit + 1, LOOKS);
  const { rows, until } = cutPage(found, limit, positionOf);
  return { tickets: rows, next: until };
}
