import { migrateUp } from '@deptracker/store';
import { type PostgresServer, type RedisServer, type TestDatabase, asAdmin, createDatabase, startPostgres, startRedis } from '@deptracker/testkit';
import { Redis } from 'ioredis';
import pg from 'pg';

/** A Postgres and a Redis with durable settings, which both builds use in turn. */
export interface Ground {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly versions: { readonly postgres: string; readonly redis: string };
  /** An empty database; with the product's tables where asked for. */
  database(tables: 'product' | 'none'): Promise<TestDatabase>;
  /** Forgets all that Redis holds. */
  emptyRedis(): Promise<void>;
  /** What Redis uses for its data, in megabytes. */
  redisMegabytes(): Promise<number>;
  /** Writes out what is pending, so that every run begins with the same backlog of pages: none. */
  checkpoint(): Promise<void>;
  stop(): Promise<void>;
}

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}

const field = (info: string, name: string): string => new RegExp(`^${name}:(.+?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';

/** Starts both. With a folder Postgres keeps its data there, so that a filled database can be used again. */
export async function startGround(dataDir?: string): Promise<Ground> {
  const postgres = await startPostgres({ persistent: true, ...(dataDir === undefined ? {} : { dataDir }) });
  const redis = await startRedis({ persistent: true });
  const client = new Redis(redis.url);
  client.on('error', () => undefined);
  let template: Promise<TestDatabase> | undefined;
  const migrated = async (): Promise<TestDatabase> => {
    const database = await createDatabase(postgres.url);
    await migrateUp(database.url);
    return database;
  };
  return {
    postgres,
    redis,
    versions: { postgres: await postgresVersion(postgres.url), redis: field(await client.info('server'), 'redis_version') },
    database: async (tables) => {
      if (tables === 'none') return createDatabase(postgres.url);
      return createDatabase(postgres.url, new URL((await (template ??= migrated())).url).pathname.slice(1));
    },
    emptyRedis: async () => { await client.flushall(); },
    redisMegabytes: async () => Number(field(await client.info('memory'), 'used_memory')) / 1024 / 1024,
    checkpoint: () => asAdmin(postgres.url, 'CHECKPOINT'),
    stop: async () => {
      client.disconnect();
      await redis.stop();
      await (await template)?.drop();
      await postgres.stop();
    },
  };
}
