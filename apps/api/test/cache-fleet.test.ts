import { createRedis } from '@deptracker/resilience';
import { type RedisServer, type TestDatabase, startRedis, testDatabase, waitFor } from '@deptracker/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CachedReplica, startCachedReplica } from './support/cached-replica.js';

/** What the caches of this test promise; short, so that a run outlives it many times. */
const BOUND_MS = 150;
const KEYS = ['a', 'b'] as const;

let test: TestDatabase;
let server: RedisServer;
let admin: ReturnType<typeof createRedis>;
let replicas: CachedReplica[];

beforeAll(async () => {
  [test, server] = await Promise.all([testDatabase(), startRedis()]);
  admin = createRedis(server.url, () => undefined);
  replicas = await Promise.all([0, 1].map(() => startCachedReplica(test.url, server.url, BOUND_MS)));
  await replicas[0]?.database.query(`CREATE TABLE versions (key text PRIMARY KEY, version int NOT NULL)`);
  await replicas[0]?.database.query(`INSERT INTO versions SELECT key, 0 FROM unnest($1::text[]) AS key`, [KEYS]);
  await waitFor(() => admin.status === 'ready');
});
afterAll(async () => {
  await Promise.all(replicas.map((one) => one.stop()));
  admin.disconnect();
  await Promise.all([server.stop(), test.drop()]);
});

/** What is known of the writes of a key, all times on this process's clock. */
class History {
  readonly #acked: { readonly version: number; readonly at: number }[] = [];

  wrote(version: number): void {
    this.#acked.push({ version, at: performance.now() });
  }

  /** The least that a read may show that was asked for at this moment. */
  least(at: number): number {
    return Math.max(0, ...this.#acked.filter((one) => one.at <= at - BOUND_MS).map(({ version }) => version));
  }
}

type Key = (typeof KEYS)[number];

const histories = new Map(KEYS.map((key) => [key, new History()]));
/** Per replica, the latest of each key that it has written and told of itself. */
const own = [new Map<Key, number>(), new Map<Key, number>()];
const wrong: object[] = [];
let reads = 0;

async function write(at: number, key: Key, tells: boolean): Promise<void> {
  const { database } = replicas[at]!;
  const [row] = await database.query<{ version: number }>(`UPDATE versions SET version = version + 1 WHERE key = $1 RETURNING version`, [key]);
  const version = row!.version;
  if (tells) {
    database.announce({ kind: 'deployment', id: key, revision: version });
    own[at]!.set(key, version);
  }
  histories.get(key)!.wrote(version);
}

async function read(at: number, key: Key): Promise<void> {
  const { cache, database, heard } = replicas[at]!;
  const asked = performance.now();
  const least = { bound: histories.get(key)!.least(asked), own: own[at]!.get(key) ?? 0, heard: heard.get(key) ?? 0 };
  const version = await cache.get(key, async () => {
    const [row] = await database.query<{ version: number }>(`SELECT version FROM versions WHERE key = $1`, [key]);
    return String(row!.version);
  });
  reads += 1;
  if (version < Math.max(least.bound, least.own, least.heard)) wrong.push({ replica: at, key, version, ...least });
}

/** Lets so many round trips to Postgres pass, in place of time. */
async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await replicas[0]!.database.query('SELECT 1');
}

/** Reads at every replica until told to stop, at times often and at times with pauses in which much happens. */
function keepReading(): () => Promise<void> {
  let over = false;
  const loop = async (at: number, key: Key): Promise<void> => {
    for (let turn = at; !over; turn += 1) {
      await read(at, key);
      await pass((turn * 13) % 41);
    }
  };
  const all = replicas.flatMap((_, at) => KEYS.map((key) => loop(at, key)));
  return async () => {
    over = true;
    await Promise.all(all);
  };
}

const replica = fc.nat({ max: 1 });
const LINE = ['reset', 'blackhole', 'pass'] as const;
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('write' as const), at: replica, key: fc.constantFrom(...KEYS), tells: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('idle' as const), turns: fc.integer({ min: 5, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('redis' as const), at: replica, how: fc.constantFrom(...LINE) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('slow redis' as const), at: replica, ms: fc.constantFrom(1, 4, 60) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('feed' as const), at: replica, how: fc.constantFrom(...LINE) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('flush' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('mend' as const), at: replica }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function take(one: Step): Promise<void> {
  switch (one.what) {
    case 'write': return write(one.at, one.key, one.tells);
    case 'idle': return pass(one.turns);
    case 'redis': return replicas[one.at]!.redisLine[one.how]();
    case 'slow redis': return replicas[one.at]!.redisLine.delay(one.ms);
    case 'feed': return replicas[one.at]!.feedLine[one.how]();
    case 'flush': return void (await admin.flushall());
    case 'mend': return replicas[one.at]!.mend();
  }
}

describe('the caches of a fleet', () => {
  it('show nothing older than they promise, whatever happens to Redis and to the notices', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        await Promise.all(replicas.map((one) => one.mend()));
        wrong.length = 0;
        const stop = keepReading();
        try {
          for (const one of steps) await take(one);
        } finally {
          await stop();
        }
        expect(wrong.slice(0, 3)).toEqual([]);
      }),
      { numRuns: 30, endOnFailure: true },
    );
    // Else nothing was shown. (Whether one finds the other's page, still good or too old, is up to the pace of the machine.)
    expect(reads).toBeGreaterThan(300);
    for (const result of ['failed', 'skipped']) {
      const counts = await Promise.all(replicas.map((one) => one.count('redis', result)));
      expect(Math.max(...counts), result).toBeGreaterThan(0);
    }
  });
});
