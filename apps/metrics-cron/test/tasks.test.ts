import { type Logger, createMetrics } from '@deptracker/runtime';
import { type Database, listTasks, registerTask } from '@deptracker/store';
import { type TestDatabase, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '../dist/task.js';
import { createTaskRunner } from '../dist/task-runner.js';
import { cleanUpTask } from '../dist/tasks/clean-up.js';
import { limitsTask } from '../dist/tasks/limits.js';
import { slaTask } from '../dist/tasks/sla.js';
import { count, created, lapseApproval, open } from './start.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE deployments, decisions, events, effects, deployment_keys, inbound_dedupe, tasks, sla_windows CASCADE');
});

const silent: Logger = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined, child: () => silent };
const offered: unknown[] = [];
const offers = { queueMs: () => ({ jira: 5_000, slack: 5_000 }), offer: (effects: readonly unknown[]) => void offered.push(...effects) };
const onTime = { slot: new Date(), isOver: () => false };

describe('the limits task', () => {
  const task = (): Task => limitsTask({ database, schedule: '* * * * *', noticeDelayMs: () => Promise.resolve(0), offers, logger: silent });

  it('is not stopped by deployments that cannot be changed, and says how many there are', async () => {
    const ids = await created(database, 12);
    await lapseApproval(database, ids);
    const [held] = ids;
    await database.transaction(async (uow) => {
      await uow.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE', [held]);
      await expect(task().run(onTime)).rejects.toThrow(/^1 deployments stay as they are/);
    });
    expect(await count(database, `deployments WHERE status = 'expired'`)).toBe(11);
    expect(await task().run(onTime)).toEqual({ finished: true, changed: 1 });
  });

  it('offers the jobs of what is owed by then', async () => {
    const ids = await created(database, 1);
    await database.query(`UPDATE effects SET phase = 'sent', next_attempt_at = NULL`);
    await lapseApproval(database, ids);
    offered.length = 0;
    await task().run(onTime);
    expect(offered.map((effect) => (effect as { kind: string }).kind).sort()).toEqual(['jira.ticket', 'slack.approval', 'slack.reply']);
  });

  it('stops between two deployments when its time is over', async () => {
    await lapseApproval(database, await created(database, 3));
    let left = 2;
    expect(await task().run({ slot: new Date(), isOver: () => left-- === 0 })).toEqual({ finished: false, changed: 2 });
    expect(await count(database, `deployments WHERE status = 'expired'`)).toBe(2);
  });
});

describe('the SLA task', () => {
  it('measures what it missed in windows of an hour, and goes on where it was cut off', async () => {
    await created(database, 1);
    await database.query(`UPDATE deployments SET created_at = now() - interval '5 hours'`);
    const targets = { ticket: 60, message: 30, decision: 60, completion: 60 };
    const task = slaTask({ database, schedule: '* * * * *', targets, lookbackMs: 86_400_000 });
    const [clock] = await database.query<{ now: Date }>('SELECT now()');
    const slot = clock?.now ?? new Date(0);
    let left = 2;
    expect(await task.run({ slot, isOver: () => left-- === 0 })).toEqual({ finished: false, changed: 2 });
    expect(await task.run({ slot, isOver: () => false })).toEqual({ finished: true, changed: 3 });
    expect(await task.run({ slot, isOver: () => false })).toEqual({ finished: true, changed: 0 });
    expect(await count(database, 'sla_windows')).toBe(5);
  });
});

describe('the clean-up task', () => {
  it('goes on batch by batch until nothing is left, and keeps deployments unless told otherwise', async () => {
    const removed = createMetrics({ service: 'test' }).counter({ name: 'cleanup_rows_total', help: 'x', labelNames: ['what'] });
    const options = { database, schedule: '* * * * *', dedupeRetentionMs: 1_000, noticeRetentionMs: 1_000, deploymentRetentionMs: undefined, removed, logger: silent };
    await database.query(`INSERT INTO inbound_dedupe (key, at) SELECT n::text, now() - interval '1 hour' FROM generate_series(1, 2500) n`);
    await created(database, 2);
    await database.query(`UPDATE deployments SET status = 'failed', finished_at = now() - interval '10 years'`);
    await database.query(`UPDATE effects SET next_attempt_at = NULL`);
    // Of before there were quarters: those go as a whole.
    await database.query(`UPDATE deployments SET id = ('00000000' || substr(id::text, 9))::uuid`);
    expect(await cleanUpTask(options).run(onTime)).toEqual({ finished: true, changed: 2500 });
    expect(await count(database, 'deployments')).toBe(2);
    await database.query(`UPDATE rollup_state SET counted_until = 'infinity'`);
    expect(await cleanUpTask({ ...options, deploymentRetentionMs: 1_000 }).run(onTime)).toEqual({ finished: true, changed: 2 });
    expect((await removed.get()).values).toContainEqual({ labels: { what: 'inbound' }, value: 2500 });
  });
});

describe('the runner', () => {
  const runner = (run: Task['run']) => {
    const task: Task = { name: 'probe', schedule: '0 0 1 1 *', run };
    return createTaskRunner({ database, tasks: [task], metrics: createMetrics({ service: 'test' }), logger: silent });
  };
  const state = async () => (await listTasks(database))[0];

  beforeEach(async () => {
    await registerTask(database, { name: 'probe', schedule: '0 0 1 1 *' }, (now) => new Date(now.getTime() - 1_000));
  });

  it('gives the next run the next time of the schedule, also after a failure, which it shows', async () => {
    expect(await runner(() => Promise.reject(new Error('broken'))).run('probe')).toBe('failed');
    const { nextRunAt, lastError, running } = (await state()) ?? {};
    expect(nextRunAt?.toISOString()).toMatch(/^\d{4}-01-01T00:00:00/);
    expect({ lastError, running }).toEqual({ lastError: 'broken', running: false });
    expect(await runner(() => Promise.resolve({ finished: true, changed: 0 })).run('probe')).toBe('nothing');
    expect(await runner(() => Promise.resolve({ finished: true, changed: 0 })).run('unknown')).toBe('nothing');
  });

  it('runs a task once at a time in one process', async () => {
    let runs = 0;
    const one = runner(() => {
      runs += 1;
      return Promise.resolve({ finished: true, changed: 0 });
    });
    expect(await Promise.all([one.run('probe'), one.run('probe'), one.run('probe')])).toEqual(['done', 'done', 'done']);
    expect(runs).toBe(1);
  });

  it('releases what it does when the process drains, so that another one goes on at once', async () => {
    const one = runner(async ({ isOver }) => {
      await waitFor(isOver);
      return { finished: false, changed: 1 };
    });
    const run = one.run('probe');
    await waitFor(async () => (await state())?.running);
    await one.drain();
    expect(await run).toBe('more');
    expect(await one.run('probe')).toBe('nothing');
    expect(await runner(() => Promise.resolve({ finished: true, changed: 0 })).run('probe')).toBe('done');
  });

  it('records nothing for a run whose lease another process has by now', async () => {
    const one = runner(async () => {
      await database.query('UPDATE tasks SET fence = fence + 1');
      return { finished: true, changed: 1 };
    });
    expect(await one.run('probe')).toBe('lost_lease');
    expect(await state()).toMatchObject({ running: true, lastRunAt: null });
  });
});
