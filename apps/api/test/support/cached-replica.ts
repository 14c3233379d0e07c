import { createRedis, createSharedTexts } from '@deptracker/resilience';
import { createMetrics } from '@deptracker/runtime';
import { type Cache, type ChangeFeed, type Database, createCache, createChangeFeed, createDatabase } from '@deptracker/store';
import { type TcpProxy, startTcpProxy, waitFor } from '@deptracker/testkit';

/** A replica with a cache of numbers, behind lines to Redis and to the change feed that can fail. */
export interface CachedReplica {
  readonly database: Database;
  readonly redisLine: TcpProxy;
  readonly feedLine: TcpProxy;
  readonly cache: Cache<number>;
  /** The latest revision of each key that a notice told of. */
  readonly heard: Map<string, number>;
  /** How often the cache had this result. */
  count(level: string, result: string): Promise<number>;
  /** Both lines work, and are known to. */
  mend(): Promise<void>;
  stop(): Promise<void>;
}

/** Redis is left alone for five seconds after it failed: by this clock a few hundredths of one. */
const hasty = { now: () => performance.now() * 200 };

function openCache(database: Database, feed: ChangeFeed, redis: ReturnType<typeof createRedis>, maxAgeMs: number) {
  const metrics = createMetrics({ service: 'test' });
  const cache = createCache<number>({
    name: 'versions',
    prepare: Number,
    maxAgeMs,
    maxBytes: 100_000,
    kinds: ['deployment'],
    changes: [database, feed],
    second: createSharedTexts({ prefix: 'test', ttlMs: maxAgeMs, redis: () => redis, clock: hasty, patienceMs: 20 }),
    metrics,
  });
  return { cache, metrics };
}

export async function startCachedReplica(postgresUrl: string, redisUrl: string, maxAgeMs: number): Promise<CachedReplica> {
  const redisLine = await startTcpProxy({ to: redisUrl });
  const feedLine = await startTcpProxy({ to: postgresUrl });
  const database = createDatabase({ url: postgresUrl, maxConnections: 6, maxIdle: 6, maxLifetimeMs: 600_000, name: 'replica' });
  const feed = createChangeFeed({ url: feedLine.url, name: 'replica-changes' });
  const redis = createRedis(redisLine.url, () => undefined);
  const { cache, metrics } = openCache(database, feed, redis, maxAgeMs);
  const heard = new Map<string, number>();
  // After the cache, which has thus heard of it before.
  feed.subscribe({ changed: ({ id, revision }) => heard.set(id, Math.max(revision, heard.get(id) ?? 0)), missed: () => undefined });
  const mend = async (): Promise<void> => {
    redisLine.pass();
    feedLine.pass();
    await waitFor(() => redis.status === 'ready' && feed.connected());
  };
  return {
    database,
    redisLine,
    feedLine,
    cache,
    heard,
    count: async (level, result) => {
      const all = await metrics.registry.getSingleMetric('cache_requests_total')?.get();
      return all?.values.find(({ labels }) => labels['level'] === level && labels['result'] === result)?.value ?? 0;
    },
    mend,
    stop: async () => {
      await mend();
      redis.disconnect();
      await Promise.all([feed.close(), database.close()]);
      await Promise.all([redisLine.stop(), feedLine.stop()]);
    },
  };
}
