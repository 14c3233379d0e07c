import type { Queryable } from './database.js';
import { type Bind, all, span } from './deployment-filter.js';
import { PHASES, type Phase } from './effect-row.js';
import { MERGED, mergedEffects, stepOver } from './merge-effects.js';
import { type Position, asInstant } from './position.js';
import { IS_TICKET, PATHS, type Path, TICKET_KINDS, type TicketFilter, fitting, pathsOf } from './ticket-paths.js';
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

/** The tickets to be looked at, and how far. */
function sourceOf(path: Path, filter: TicketFilter, step: Step, allFit: boolean, bind: Bind): { readonly rows: string; readonly step: Step } {
  if (path === PATHS.places) {
    const places = { kinds: TICKET_KINDS, phases: filter.phase === undefined ? PHASES : [filter.phase] };
    const over = stepOver(places, step);
    return { rows: mergedEffects(places, span(filter, step.after, bind, MERGED), allFit ? over.max : over.steps, bind), step: over };
  }
  const { serves, also, columns, from } = path;
  const where = [...also, ...serves.map((facet) => `${columns[facet]} = ${bind(filter[facet])}`), ...span(filter, step.after, bind, path)];
  return { rows: `${from} WHERE ${all(where)}`, step };
}

async function walkPath(db: Queryable, path: Path, filter: TicketFilter, wanted: Step): Promise<Walked<Row>> {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { at, id, effect } = path;
  const fits = fitting(filter, path, bind);
  const { rows: source, step } = sourceOf(path, filter, wanted, fits.length === 0, bind);
  const looked = `SELECT ${at} AS at, ${id} AS id, ${effect} AS "effectId", coalesce(${all(fits)}, false) AS fits
    FROM ${source} ORDER BY ${at} DESC, ${id} DESC`;
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
