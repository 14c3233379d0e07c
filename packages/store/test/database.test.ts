import { type Database, UnavailableError } from '@deptracker/store';
import { type TcpProxy, type TestDatabase, startTcpProxy, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { open } from './build.js';

let test: TestDatabase;
let proxy: TcpProxy;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  proxy = await startTcpProxy({ to: test.url });
  database = open(proxy.url, 2);
});

afterEach(() => {
  proxy.pass();
});

afterAll(async () => {
  await database.close();
  await proxy.stop();
  await test.drop();
});

describe('a transaction', () => {
  it('is undone whole by a failure, and its connection serves the next one', async () => {
    const failing = database.transaction(async (uow) => {
      await uow.query(`INSERT INTO inbound_dedupe (key) VALUES ('undone')`);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.query(`SELECT 1 FROM inbound_dedupe WHERE key = 'undone'`)).toEqual([]);
    expect(database.stats()).toMatchObject({ total: 1, max: 2 });
  });

  it('survives that the server ends its connection between two statements', async () => {
    const cut = database.transaction(async (uow) => {
      const [mine] = await uow.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1, 2000)', [mine?.pid]);
      // The end of the connection is read now, while no statement waits for it.
      await waitFor(() => proxy.connections() === 1);
      await uow.query('SELECT 1');
    });
    await expect(cut).rejects.toBeInstanceOf(UnavailableError);
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('a server that has become a standby, or is to write nothing', () => {
  it('is away, and its connection is not kept', async () => {
    const reader = open(`${test.url}?options=-c%20default_transaction_read_only%3Don`, 2);
    try {
      await expect(reader.query(`INSERT INTO inbound_dedupe (key) VALUES ('standby')`)).rejects.toMatchObject({ name: 'UnavailableError', answered: false });
      expect(reader.stats().total).toBe(0);
    } finally {
      await reader.close();
    }
  });
});

describe('waiting for the database', () => {
  it('ends a statement after three seconds', async () => {
    const began = performance.now();
    await expect(database.query('SELECT pg_sleep(30)')).rejects.toBeInstanceOf(UnavailableError);
    expect(performance.now() - began).toBeLessThan(4_500);
  });

  it('ends the wait for a lock after one second', async () => {
    await database.query(`INSERT INTO environments (name) VALUES ('locked')`);
    await database.transaction(async (uow) => {
      await uow.query(`SELECT 1 FROM environments WHERE name = 'locked' FOR UPDATE`);
      const other = database.query(`UPDATE environments SET revision = 2 WHERE name = 'locked'`);
      await expect(other).rejects.toBeInstanceOf(UnavailableError);
    });
  });

  it('ends the wait for a free connection after one second', async () => {
    await database.transaction(() =>
      database.transaction(async () => {
        await expect(database.query('SELECT 1')).rejects.toBeInstanceOf(UnavailableError);
      }),
    );
  });

  it('tells a server that resets connections from one that refuses a statement', async () => {
    await expect(database.query('SELECT nonsense')).rejects.not.toBeInstanceOf(UnavailableError);
    proxy.reset();
    await expect(database.query('SELECT 1')).rejects.toBeInstanceOf(UnavailableError);
    proxy.pass();
    // Another idle connection may be dead, and nobody has read so yet.
    expect(await waitFor(() => database.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });
});

describe('connections that take longer to come about than anybody waits', () => {
  it('come about all the same, and serve those who come later', async () => {
    const slow = open(proxy.url, 2);
    // Every step of the handshake: about a second and a half in all.
    proxy.delay(220);
    const start = performance.now();
    await expect(slow.query('SELECT 1')).rejects.toBeInstanceOf(UnavailableError);
    expect(performance.now() - start).toBeLessThan(2_500);
    await waitFor(() => slow.stats().idle === 1, { timeoutMs: 8_000, what: 'the connection that nobody waited for' });
    expect(await slow.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await slow.close();
  });
});
