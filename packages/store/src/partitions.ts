import type { Database, Queryable, UnitOfWork } from './database.js';

/** Tables that are divided by the time in a deployment's id, and the column that holds it. */
export const PARTITIONED = { deployments: 'id', events: 'deployment_id' } as const;
const TABLES = Object.entries(PARTITIONED);

/** A part of all deployments: those whose ids lie in a span of time, its start included, its end not. */
export interface Span {
  /** What the names of its partitions end in: `2026q4`, or `before` for everything until the first quarter. */
  readonly name: string;
  /** The ids' bounds, as UUIDs. */
  readonly from: string;
  readonly to: string;
  readonly endsAt: Date;
}

const MONTHS = 3;
/** The name of the partition of what was there before there were partitions. */
export const BEFORE = 'before';
const LEAST_ID = '00000000-0000-0000-0000-000000000000';
const QUARTER = /_(\d{4})q([1-4])$/;
/** More rows than these in the default partition are not moved in one statement. */
const MOST_MOVED = 10_000;
/** Who waits for a lock on everything makes all others wait: rather try again later. Milliseconds. */
export const LOCK_PATIENCE = `SET LOCAL lock_timeout = 500`;

/** The least UUIDv7 of a time (RFC 9562: the first 48 bits are Unix milliseconds). */
export function leastIdOf(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0').padEnd(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function quarter(year: number, index: number): Span {
  const start = new Date(Date.UTC(year, index * MONTHS));
  const endsAt = new Date(Date.UTC(year, (index + 1) * MONTHS));
  const name = `${start.getUTCFullYear()}q${start.getUTCMonth() / MONTHS + 1}`;
  return { name, from: leastIdOf(start), to: leastIdOf(endsAt), endsAt };
}

/** The quarter of a time and as many after it. */
export function quartersFrom(time: Date, after: number): Span[] {
  const first = Math.floor(time.getUTCMonth() / MONTHS);
  return Array.from({ length: after + 1 }, (_, at) => quarter(time.getUTCFullYear(), first + at));
}

/** What partitions there are, oldest first; the default partition is none of them. */
export async function listSpans(db: Queryable): Promise<Span[]> {
  const rows = await db.query<{ name: string; to: string | null }>(
    `SELECT c.relname AS name, substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([0-9a-f-]{36})''') AS to
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'deployments'::regclass`,
  );
  const spans = rows.flatMap(({ name, to }): Span[] => {
    const [, year, index] = QUARTER.exec(name) ?? [];
    if (year !== undefined) return [quarter(Number(year), Number(index) - 1)];
    if (to === null) return [];
    return [{ name: BEFORE, from: LEAST_ID, to, endsAt: new Date(parseInt(to.replaceAll('-', '').slice(0, 12), 16)) }];
  });
  return spans.sort((a, b) => a.endsAt.getTime() - b.endsAt.getTime());
}

/** For changes of partitions: one at a time, and with little patience for locks. */
export async function changePartitions<T>(database: Database, work: (uow: UnitOfWork) => Promise<T>): Promise<T> {
  return database.transaction(async (uow) => {
    await uow.query(LOCK_PATIENCE);
    await uow.query(`SELECT pg_advisory_xact_lock(hashtext('deptracker.partitions'))`);
    return work(uow);
  });
}

async function isCrowded(db: Queryable, { from, to }: Span): Promise<boolean> {
  for (const [table, key] of TABLES) {
    const rows = await db.query(`SELECT 1 FROM ${table}_default WHERE ${key} >= $1 AND ${key} < $2 LIMIT ${MOST_MOVED + 1}`, [from, to]);
    if (rows.length > MOST_MOVED) return true;
  }
  return false;
}

/** Makes the partitions of a span, filled with what the default partition holds of it; they are attached as they are. */
async function addSpan(uow: UnitOfWork, { name, from, to }: Span): Promise<void> {
  for (const [table, key] of TABLES) {
    const part = `${table}_${name}`;
    await uow.query(`CREATE TABLE ${part} (LIKE ${table} INCLUDING ALL)`);
    await uow.query(`LOCK TABLE ${table}_default IN SHARE ROW EXCLUSIVE MODE`);
    await uow.query(
      `WITH moved AS (DELETE FROM ${table}_default WHERE ${key} >= $1 AND ${key} < $2 RETURNING *) INSERT INTO ${part} SELECT * FROM moved`,
      [from, to],
    );
    await uow.query(`ALTER TABLE ${table} ATTACH PARTITION ${part} FOR VALUES FROM ('${from}') TO ('${to}')`);
  }
}

/**
 * Makes the partitions that are missing, of this quarter on the database's clock and of `ahead` after it; returns their
 * names. Nothing waits for this: until there is a partition its rows go to the default one, and are moved when it comes.
 * Throws where those are too many to move; such a quarter stays in the default partition.
 */
export async function ensurePartitions(database: Database, ahead: number): Promise<readonly string[]> {
  const [clock] = await database.query<{ now: Date }>('SELECT now()');
  const there = await listSpans(database);
  const missing = quartersFrom(clock?.now ?? new Date(), ahead).filter(({ name, from }) => !there.some((span) => span.name === name || (span.name === BEFORE && span.to > from)));
  const made: string[] = [];
  const crowded: string[] = [];
  for (const span of missing) {
    if (await isCrowded(database, span)) {
      crowded.push(span.name);
      continue;
    }
    const isNew = await changePartitions(database, async (uow) => {
      if ((await listSpans(uow)).some(({ name }) => name === span.name)) return false;
      await addSpan(uow, span);
      return true;
    });
    if (isNew) made.push(span.name);
  }
  if (crowded.length > 0) throw new Error(`the default partition holds too much of ${crowded.join(', ')} to move it: no partition was made for it`);
  return made;
}
