import { applyLimit } from '@deptracker/domain';
import {
  type ChangeFeed,
  type ChangeNotice,
  type Database,
  type NewDeployment,
  createChangeFeed,
  createDatabase,
  createDeployments,
  lockDeployment,
  saveChange,
} from '@deptracker/store';
import { type TcpProxy, type TestDatabase, startTcpProxy, testDatabase, waitFor } from '@deptracker/testkit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { key, newDeployment, open, stored } from './build.js';

let test: TestDatabase;
let proxy: TcpProxy;
let database: Database;
let feed: ChangeFeed;
let heard: ChangeNotice[];
let missed: number;
let lost: string[];

beforeAll(async () => {
  test = await testDatabase();
  proxy = await startTcpProxy({ to: test.url });
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await proxy.stop();
  await test.drop();
});

beforeEach(async () => {
  [heard, missed, lost] = [[], 0, []];
  feed = createChangeFeed({ url: proxy.url, name: 'test-changes', onLost: (error) => lost.push(error.message) });
  feed.subscribe({ changed: (notice) => heard.push(notice), missed: () => (missed += 1) });
  await waitFor(() => feed.connected());
});

afterEach(async () => {
  proxy.pass();
  await feed.close();
});

let marks = 0;

/** Notices of one process come in the order in which it announced them: when this one is there, all before it were. */
async function allHeard(): Promise<ChangeNotice[]> {
  const id = `mark-${(marks += 1)}`;
  database.announce({ kind: 'deployment', id, revision: 0 });
  await waitFor(() => heard.some((notice) => notice.id === id));
  return heard.filter((notice) => !notice.id.startsWith('mark-'));
}

describe('a change', () => {
  it('is told of once it is committed, with its revision, and not at all where it is undone', async () => {
    const [id = ''] = await stored(database);
    const late = new Date(Date.now() + 1e9);
    const expire = (undo: boolean) =>
      database.transaction(async (uow) => {
        const locked = await lockDeployment(uow, id);
        if (locked === null) throw new Error('it is gone');
        await saveChange(uow, applyLimit(locked.deployment, late), null);
        expect((await allHeard()).filter(({ revision }) => revision === 2)).toEqual([]);
        if (undo) throw new Error('undone');
      });
    await expect(expire(true)).rejects.toThrow('undone');
    expect(await allHeard()).toEqual([{ kind: 'deployment', id, revision: 1 }]);
    await expire(false);
    expect(await allHeard()).toEqual([1, 2].map((revision) => ({ kind: 'deployment', id, revision })));
  });

  it('by creation is told of, however many there are, and only where something was created', async () => {
    const ids = await stored(database, ...Array.from({ length: 400 }, () => ({})));
    expect((await allHeard()).map(({ id }) => id).sort()).toEqual([...ids].sort());
    const [first, second] = [1, 2].map(() => newDeployment({ keys: [key('natural', 'told')] })) as [NewDeployment, NewDeployment];
    await createDeployments(database, [first]);
    await createDeployments(database, [second]);
    expect((await allHeard()).slice(400).map(({ id }) => id)).toEqual([first.id]);
  });

  it('of many in one turn is told of in one message', async () => {
    const listener = new pg.Client({ connectionString: test.url });
    await listener.connect();
    const payloads: (string | undefined)[] = [];
    listener.on('notification', ({ payload }) => payloads.push(payload));
    await listener.query('LISTEN deptracker_changes');
    for (let each = 1; each <= 50; each += 1) database.announce({ kind: 'deployment', id: `together-${each}`, revision: 1 });
    await allHeard();
    await listener.query('SELECT 1');
    await listener.end();
    expect(payloads.filter((payload) => payload?.includes('together'))).toHaveLength(1);
  });

  it('that many follow upon each other is told of by its latest revision', async () => {
    for (let revision = 1; revision <= 100; revision += 1) database.announce({ kind: 'deployment', id: 'one', revision });
    const told = await allHeard();
    expect(told.at(-1)?.revision).toBe(100);
    expect(told.length).toBeLessThan(100);
  });

  it('that cannot be told of is complained about, and the next one is told of', async () => {
    const errors: Error[] = [];
    const shaky = createDatabase({ url: proxy.url, maxConnections: 1, maxIdle: 0, maxLifetimeMs: 60_000, name: 'shaky', onError: (error) => errors.push(error) });
    proxy.reset();
    shaky.announce({ kind: 'deployment', id: 'lost', revision: 1 });
    await waitFor(() => errors.length > 0);
    proxy.pass();
    await waitFor(() => feed.connected());
    shaky.announce({ kind: 'deployment', id: 'next', revision: 1 });
    await shaky.close();
    expect((await allHeard()).map(({ id }) => id)).toEqual(['next']);
  });
});

describe('the connection that listens', () => {
  it('comes back when the server ends it, and says that something may have been missed', async () => {
    expect(missed).toBe(1);
    await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test-changes'`);
    await waitFor(() => missed === 2 && feed.connected());
    expect(lost).toHaveLength(1);
    expect(feed.trouble()).toBeNull();
    await allHeard();
  });

  it('goes on trying while the database cannot be reached, and complains once', async () => {
    proxy.reset();
    await waitFor(() => feed.trouble()?.includes('ECONNRESET'));
    expect(feed.connected()).toBe(false);
    await waitFor(() => lost.length > 0);
    proxy.pass();
    await waitFor(() => feed.connected());
    expect([lost.length, missed]).toEqual([1, 2]);
  });

  it('stands outside any transaction and is gone after close', async () => {
    const mine = `FROM pg_stat_activity WHERE application_name = 'test-changes'`;
    expect(await database.query(`SELECT state, xact_start ${mine}`)).toEqual([{ state: 'idle', xact_start: null }]);
    await feed.close();
    await waitFor(async () => (await database.query(`SELECT 1 ${mine}`)).length === 0);
  });

  it('ignores what is not a notice', async () => {
    for (const payload of ['', '{', '{}', 'null', '[1]', '[["else","a",1],["deployment",1,1],["deployment","b","1"]]', '[["deployment","c",1]]']) {
      await database.query(`SELECT pg_notify('deptracker_changes', $1)`, [payload]);
    }
    await waitFor(() => heard.length > 0);
    expect(await allHeard()).toEqual([{ kind: 'deployment', id: 'c', revision: 1 }]);
  });
});
