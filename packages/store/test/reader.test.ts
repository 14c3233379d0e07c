import { type Database, type Reader, type ReplicaWatch, createDatabase, createReader, watchReplica } from '@deptracker/store';
import { type ReplicatedPostgres, type TcpProxy, freePort, startReplicatedPostgres, startTcpProxy, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { open } from './build.js';

const MAX_AGE_MS = 5_000;

let servers: ReplicatedPostgres;
let direct: Database;
let proxy: TcpProxy;
let primary: Database;
let replica: Database;
let watch: ReplicaWatch;
let reader: Reader;
let asked: string[];

beforeAll(async () => {
  servers = await startReplicatedPostgres();
  direct = open(servers.replica.url, 2);
}, 60_000);

afterAll(async () => {
  await direct.close();
  await servers.stop();
});

beforeEach(async () => {
  asked = [];
  proxy = await startTcpProxy({ to: servers.replica.url });
  primary = open(servers.primary.url, 4);
  replica = createDatabase({ url: proxy.url, maxConnections: 4, maxIdle: 4, maxLifetimeMs: 60_000, name: 'test' });
  await primary.query('DROP TABLE IF EXISTS told; CREATE TABLE told (n int)');
  // Looks are made by hand, unless a test waits for one.
  watch = watchReplica({ primary, replica, maxAgeMs: MAX_AGE_MS, lookMs: 500 });
  reader = createReader({ primary, replica, watch, onRead: (from) => asked.push(from) });
});

afterEach(async () => {
  proxy.pass();
  await direct.query('SELECT pg_wal_replay_resume()');
  await Promise.all([reader.close(), primary.close()]);
  await proxy.stop();
});

const isUsed = (): Promise<boolean> => waitFor(() => watch.state().trouble === null, { what: 'the replica to be fresh' }).then(() => true);
const told = async (db: Pick<Database, 'query'> = reader): Promise<number> => (await db.query<{ n: number }>('SELECT count(*)::int AS n FROM told'))[0]?.n ?? -1;

describe('reads that may be a little out of date', () => {
  it('go to the replica while it keeps up', async () => {
    await isUsed();
    const [row] = await reader.query<{ follows: boolean }>('SELECT pg_is_in_recovery() AS follows');
    expect(row?.follows).toBe(true);
    expect(asked).toEqual(['replica']);
    expect(watch.state().ageMs).toBeLessThan(MAX_AGE_MS);
  });

  it('go to the primary when the replica may be out of date by more than is allowed, and back when it has caught up', async () => {
    await isUsed();
    await direct.query('SELECT pg_wal_replay_pause()');
    await primary.query('INSERT INTO told VALUES (1)');
    await waitFor(() => watch.state().trouble?.includes('behind') === true, { what: 'the replica to be late', timeoutMs: 3 * MAX_AGE_MS });
    expect(await told()).toBe(1);
    expect(asked).toEqual(['primary']);
    await direct.query('SELECT pg_wal_replay_resume()');
    await isUsed();
    expect(await told()).toBe(1);
    expect(asked).toEqual(['primary', 'replica']);
  }, 40_000);

  it('never show less than what was there the allowed time ago, whatever the replica does', async () => {
    await isUsed();
    const written: number[] = [];
    let more = true;
    const writes = (async () => {
      for (let n = 1; more; n += 1) {
        await primary.query('INSERT INTO told VALUES ($1)', [n]);
        written.push(performance.now());
      }
    })();
    const read = async (): Promise<void> => {
      const before = performance.now();
      const seen = await told();
      expect(seen).toBeGreaterThanOrEqual(written.filter((at) => at < before - MAX_AGE_MS).length);
    };
    const late = (): Promise<unknown> => waitFor(() => watch.state().trouble !== null, { what: 'the replica to be given up', timeoutMs: 3 * MAX_AGE_MS });
    const stages: readonly (readonly [fault: () => unknown, after: () => Promise<unknown>])[] = [
      [() => proxy.reset(), late],
      [() => proxy.pass(), isUsed],
      [() => proxy.blackhole(), late],
      [() => proxy.pass(), isUsed],
      [() => direct.query('SELECT pg_wal_replay_pause()'), late],
      [() => direct.query('SELECT pg_wal_replay_resume()'), isUsed],
    ];
    try {
      for (const [fault, after] of stages) {
        await fault();
        const settled = { yet: false };
        const settling = after().finally(() => (settled.yet = true));
        while (!settled.yet) await read();
        await settling;
        await read();
      }
    } finally {
      more = false;
      await writes;
    }
    expect(asked).toContain('primary');
    expect(asked).toContain('replica');
  }, 60_000);

  it('are answered by the primary when the replica breaks off in the middle, without an error', async () => {
    await isUsed();
    const slow = reader.query<{ n: number }>('SELECT 7 AS n, pg_sleep(0.3)');
    await waitFor(async () => (await direct.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT 7%' AND state = 'active'`)).length > 0, { what: 'the statement to run' });
    proxy.reset();
    expect((await slow)[0]?.n).toBe(7);
    expect(asked).toEqual(['primary']);
    expect(watch.state().trouble).not.toBeNull();
    proxy.pass();
    await isUsed();
  });

  it('do not wait for a replica that says nothing any more', async () => {
    await isUsed();
    proxy.blackhole();
    const began = performance.now();
    expect(await told()).toBe(0);
    // The next look finds it out; a statement's own time-out is 4 s.
    expect(performance.now() - began).toBeLessThan(3_500);
    expect(asked).toEqual(['primary']);
  });

  it('do not go back to the replica within a row of statements that must not see less as they go on', async () => {
    await isUsed();
    const row = reader.steady();
    watch.giveUp('for a moment');
    expect(await told(row)).toBe(0);
    await watch.look();
    await isUsed();
    expect(await told(row)).toBe(0);
    expect(await told()).toBe(0);
    expect(asked).toEqual(['primary', 'primary', 'replica']);
  });

  it('are not tried at the primary as well when they take too long', async () => {
    await isUsed();
    await expect(reader.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(asked).toEqual([]);
  }, 20_000);
});

describe('what is not a replica of the primary', () => {
  it.each([
    ['the primary itself', () => servers.primary.url, /not a replica/],
    ['nobody', async () => `postgres://postgres@127.0.0.1:${await freePort()}/postgres`, /ECONNREFUSED/],
  ])('is not asked: %s', async (_what, url, trouble) => {
    const other = open(await url(), 1);
    const watched = watchReplica({ primary, replica: other, maxAgeMs: MAX_AGE_MS });
    const reads = createReader({ primary, replica: other, watch: watched, onRead: (from) => asked.push(from) });
    await watched.look();
    expect(watched.state().trouble).toMatch(trouble);
    expect(await told(reads)).toBe(0);
    expect(asked).toEqual(['primary']);
    await reads.close();
  });
});

describe('a replica that stays sound', () => {
  it('keeps nothing of reads that were answered', async () => {
    const waiting = new Set<() => void>();
    const onLost: ReplicaWatch['onLost'] = (leave) => {
      waiting.add(leave);
      return () => waiting.delete(leave);
    };
    const sound: ReplicaWatch = { state: () => ({ ageMs: 0, trouble: null }), onLost, giveUp: () => undefined, look: () => Promise.resolve(), close: () => undefined };
    const reads = createReader({ primary, replica, watch: sound });
    await Promise.all(Array.from({ length: 20 }, () => reads.query('SELECT n FROM told')));
    await expect(reads.query('SELECT nothing FROM told')).rejects.toThrow();
    expect(waiting.size).toBe(0);
  });
});
