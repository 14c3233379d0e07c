import { type AppProcess, type TestDatabase, spawnProcess, testDatabase, waitFor } from '@deptracker/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, ask, lonely, post } from './processes.js';

let test: TestDatabase;
let foreign: pg.Client;
let api: AppProcess;

beforeAll(async () => {
  test = await testDatabase();
  foreign = new pg.Client({ connectionString: test.url });
  await foreign.connect();
  api = await spawnProcess('api', lonely(test.url, { DB_MAX_OPEN_CONNS: '3', DB_MAX_IDLE_CONNS: '1' }));
});
afterAll(async () => {
  expect((await api.stop()).code).toBe(0);
  await foreign.end();
  await test.drop();
});

const many = (count: number, name: string): Promise<Reply[]> => Promise.all(Array.from({ length: count }, (_, n) => post(api.url, `${name}-${n}`)));

async function figure(name: string): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text();
  return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
}

describe('an API whose database connections are all held up', () => {
  it('answers everybody 503 in bounded time, lives on, loses nothing that it acknowledged, and is back at once', async () => {
    const before = await many(5, 'before');
    expect(before.map(({ status }) => status)).toEqual(Array(5).fill(201));

    await foreign.query('BEGIN; LOCK TABLE deployments IN ACCESS EXCLUSIVE MODE');
    const answers = Promise.all([many(40, 'held'), Promise.all(before.map(({ id }) => ask(`${api.url}/api/deployments/${String(id)}`)))]);
    await waitFor(async () => (await figure('db_connections{state="active"}')) === 3, { what: 'no connection to be free' });
    const live = await ask(`${api.url}/health/live`);
    expect([live.status, live.ms < 1_000]).toEqual([200, true]);
    const [held, reads] = await answers;
    for (const reply of [...held, ...reads]) expect([reply.status, reply.retryAfter !== null]).toEqual([503, true]);
    await foreign.query('ROLLBACK');

    const again = await waitFor(async () => {
      const replies = await many(40, 'held');
      return replies.every(({ status }) => status === 201) && replies;
    }, { what: 'every create to be answered' });
    expect((await ask(`${api.url}/health/ready`)).status).toBe(200);
    const { rows } = await foreign.query<{ id: string }>('SELECT id FROM deployments');
    expect(rows.map(({ id }) => id).sort()).toEqual([...before, ...again].map(({ id }) => id).sort());
  });
});
