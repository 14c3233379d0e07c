import { failpoint } from '@deptracker/runtime';
import pg from 'pg';
import { type Announcer, createAnnouncer } from './announcer.js';
import type { ChangeListener } from './change-feed.js';
import type { ChangeNotice } from './change-notice.js';
import { CONNECT_MS, type Spoil, acquire, withClient } from './lease-client.js';
import { preparedName } from './prepared.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Most connections of this process. */
  readonly maxConnections: number;
  /** Connections kept while idle; above it an idle one is closed after ten seconds. */
  readonly maxIdle: number;
  /** Milliseconds after which a connection is replaced. */
  readonly maxLifetimeMs: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly onError?: (error: Error) => void;
}

/** Anything that runs SQL: the pool for single statements, a unit of work inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly R[]>;
  /** Lets all processes that listen know of a change once it is committed; in a unit of work that is undone, never. */
  announce(notice: ChangeNotice): void;
}

/** One open transaction. Repositories take it from the use case that opened it. */
export interface UnitOfWork extends Queryable {
  readonly inTransaction: true;
}

export interface Database extends Queryable {
  transaction<T>(work: (uow: UnitOfWork) => Promise<T>): Promise<T>;
  /** Tells of what this process changes itself, after the commit and before whoever asked for it knows; how to unsubscribe. */
  subscribe(listener: ChangeListener): () => void;
  stats(): { readonly total: number; readonly idle: number; readonly waiting: number; readonly max: number };
  close(): Promise<void>;
}

/** Postgres cannot be reached, is going down or does not answer in time; trying again later makes sense. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';

  constructor(
    message: string,
    /** The server answered (a lock or statement took too long, a race was lost): only this statement is concerned. */
    readonly answered: boolean,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

// SQLSTATE classes 08 connection, 53 resources, 57P shutdown; 57014 statement and 55P03 lock time-outs; 25P03 idle in
// transaction; 25006 a standby, as a primary is that was replaced; 40001/40P01 lost races (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const TEMPORARY = /^(08|53|57P)|^(57014|55P03|25P03|25006|40001|40P01)$/;
const ANSWERED = /^(57014|55P03|40001|40P01)$/;

function isTemporary(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')) return TEMPORARY.test(code);
  // Without an SQLSTATE the server never answered: refused, reset, pool or client time-out.
  return typeof code === 'string' || /timeout|terminated|connection|Connection/.test(error.message);
}

/** A name with several addresses that all refuse is an AggregateError without a message of its own. */
function messageOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return error.message === '' && first instanceof Error ? first.message : error.message;
}

function translated(error: unknown): unknown {
  if (!isTemporary(error)) return error;
  const { code } = error as Error & { code?: unknown };
  return new UnavailableError(messageOf(error as Error), typeof code === 'string' && ANSWERED.test(code), error);
}

/** Waits have an end: for a connection 1 s (`withClient`), a statement 3 s, a lock 1 s, idle in a transaction 10 s. */
function poolConfig(options: DatabaseOptions): pg.PoolConfig {
  return {
    connectionString: options.url,
    application_name: options.name,
    max: options.maxConnections,
    min: options.maxIdle,
    idleTimeoutMillis: 10_000,
    maxLifetimeSeconds: Math.ceil(options.maxLifetimeMs / 1000),
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: 3_000,
    lock_timeout: 1_000,
    idle_in_transaction_session_timeout: 10_000,
    query_timeout: 4_000,
    keepAlive: true,
  };
}

/** A connection that did not answer may still be working on our statement: it must not go back to the pool. */
const isSilent = (error: unknown): error is UnavailableError => error instanceof UnavailableError && !error.answered;

async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translated(error);
  }
}

async function run<R extends pg.QueryResultRow>(client: pg.PoolClient, text: string, values: readonly unknown[]): Promise<R[]> {
  const name = preparedName(text);
  const query = { text, values: [...values], ...(name === undefined ? {} : { name }) };
  return translating(async () => (await client.query<R>(query)).rows);
}

async function runStatement<R extends pg.QueryResultRow>(pool: pg.Pool, text: string, values: readonly unknown[]): Promise<R[]> {
  const client = await translating(() => acquire(pool));
  return withClient(client, async (spoil) => {
    try {
      return await run<R>(client, text, values);
    } catch (error) {
      if (isSilent(error)) spoil(error);
      throw error;
    }
  });
}

async function runTransaction<T>(
  client: pg.PoolClient,
  spoil: Spoil,
  announcer: Announcer,
  work: (uow: UnitOfWork) => Promise<T>,
): Promise<T> {
  const changes: ChangeNotice[] = [];
  const tell = (): void => {
    for (const notice of changes) announcer.announce(notice);
  };
  const uow: UnitOfWork = {
    query: (text, values = []) => run(client, text, values),
    inTransaction: true,
    announce: (notice) => changes.push(notice),
  };
  try {
    await uow.query('BEGIN');
    const result = await work(uow);
    failpoint('before_commit');
    await uow.query('COMMIT').catch((error: unknown) => {
      // Its answer may be lost, and it be committed: a notice too many does no harm.
      tell();
      throw error;
    });
    failpoint('after_commit');
    tell();
    return result;
  } catch (error) {
    if (isSilent(error)) spoil(error);
    else await uow.query('ROLLBACK').catch((failure: unknown) => spoil(failure as Error));
    throw error;
  }
}

/** Opens the pool; connects on first use. Failures that pass come as UnavailableError. */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool(poolConfig(options));
  pool.on('error', (error) => options.onError?.(error));
  const query: Queryable['query'] = (text, values = []) => runStatement(pool, text, values);
  const announcer = createAnnouncer(query, (error) => options.onError?.(error));
  return {
    query,
    announce: (notice) => announcer.announce(notice),
    subscribe: (listener) => announcer.subscribe(listener),
    transaction: async (work) => {
      const client = await translating(() => acquire(pool));
      return withClient(client, (spoil) => runTransaction(client, spoil, announcer, work));
    },
    stats: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max: options.maxConnections,
    }),
    close: async () => {
      await announcer.settle();
      await pool.end();
    },
  };
}
