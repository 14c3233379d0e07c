import { Redis } from 'ioredis';
import pg from 'pg';

const TIMEOUT_MS = 5_000;

/** What a reachable Postgres says of itself. Rejects with the driver's error within five seconds. */
export async function pingPostgres(url: string): Promise<{ readonly version: string; readonly database: string }> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const sql = "SELECT current_setting('server_version') AS version, current_database() AS database";
    const { rows } = await client.query<{ version: string; database: string }>(sql);
    return { version: rows[0]?.version ?? '', database: rows[0]?.database ?? '' };
  } finally {
    await client.end();
  }
}

/** Rejects within five seconds, with the reason, unless a Redis answers PING at `url`. */
export async function pingRedis(url: string): Promise<void> {
  let reason: Error | undefined;
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    // ioredis rejects with "Connection is closed"; the reason came with the event.
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}
