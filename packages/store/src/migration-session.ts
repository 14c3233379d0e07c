import { setTimeout as pause } from 'node:timers/promises';
import { StartupError } from '@deptracker/runtime';
import pg from 'pg';
import { type LockHolder, describeHolders } from './lock-holders.js';

/** How a migration waits for others. */
export interface Patience {
  /** Milliseconds that one statement waits for a lock. Whoever comes after it on the same table waits as long. */
  readonly lockTimeoutMs: number;
  /** Milliseconds that a migration may try to get its locks, and that it waits for one that runs elsewhere. */
  readonly patienceMs: number;
  /** Told why it goes on waiting. */
  readonly onWait: (line: string) => void;
}

/** Any number, the same in every version: "DEPTRACK" in ASCII. An advisory lock holds within its database. */
const LOCK = '4919426491059618635';
const ASK_MS = 250;

const HOLDER = `
SELECT l.pid, a.application_name AS name, a.state, extract(epoch FROM clock_timestamp() - a.backend_start)::int AS seconds
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.objsubid = 1 AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint`;

/**
 * Postgres lets go of a session whose process or machine is gone within a minute, and, where its platform can tell, also
 * while a statement runs.
 */
async function endWithClient(client: pg.Client): Promise<void> {
  await client.query('SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3');
  await client.query(`SET client_connection_check_interval = '2s'`).catch(() => undefined);
}

async function takeLock(client: pg.Client, { patienceMs, onWait }: Patience): Promise<void> {
  const until = performance.now() + patienceMs;
  for (let told = false; ; told = true) {
    // Asked for again and again: who waits inside a statement holds a snapshot, which CREATE INDEX CONCURRENTLY waits for.
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK]);
    if (rows[0]?.taken === true) return;
    const others = (await client.query<LockHolder>(HOLDER, [LOCK])).rows;
    const who = describeHolders(others);
    if (performance.now() >= until) {
      throw new StartupError(`Another process is migrating this database and has not finished in ${Math.round(patienceMs / 1000)} s (${who}); nothing was changed here.`);
    }
    if (!told) onWait(`Waiting for another process that is migrating (${who})`);
    await pause(ASK_MS);
  }
}

/**
 * Runs `work` on the one session that may change the schema: it holds an advisory lock, which ends with the session, so
 * one that was killed leaves nothing to clean up. `StartupError` where another one does not finish in time.
 */
export async function inMigrationSession<T>(url: string, patience: Patience, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'migrate',
    connectionTimeoutMillis: 5_000,
    lock_timeout: patience.lockTimeoutMs,
    keepAlive: true,
  });
  // A connection that breaks between two statements; the next one fails with it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await endWithClient(client);
    await takeLock(client, patience);
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
