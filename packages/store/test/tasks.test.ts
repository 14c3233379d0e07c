import { type ClaimedTask, type Database, claimTask, finishTask, listDueTasks, listTasks, registerTask, takeUnqueuedTasks } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { open } from './build.js';

let test: TestDatabase;
let database: Database;

const NAMES = ['sla', 'limits'];
const LEASE_MS = 30_000;
const inAnHour = (now: Date): Date => new Date(now.getTime() + 3_600_000);

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE tasks');
  for (const name of NAMES) await registerTask(database, { name, schedule: 'hourly' }, inAnHour);
});

const makeDue = (name = 'sla') => database.query(`UPDATE tasks SET next_run_at = now() - interval '1 second' WHERE name = $1`, [name]);

async function claimed(): Promise<ClaimedTask> {
  await makeDue();
  const task = await claimTask(database, 'sla', LEASE_MS);
  if (task === null) throw new Error('not claimable');
  return task;
}

const stateOf = async (name = 'sla') => (await listTasks(database)).find((task) => task.name === name);

describe('a scheduled task', () => {
  it('keeps its time where it is registered again, and gets another where its schedule differs', async () => {
    const before = await stateOf();
    await registerTask(database, { name: 'sla', schedule: 'hourly' }, () => new Date(0));
    expect(await stateOf()).toMatchObject({ nextRunAt: before?.nextRunAt, schedule: 'hourly' });
    await registerTask(database, { name: 'sla', schedule: 'daily' }, (now) => new Date(now.getTime() + 86_400_000));
    expect((await stateOf())?.nextRunAt.getTime()).toBeGreaterThan((before?.nextRunAt.getTime() ?? 0) + 3_600_000);
  });

  it('is queued by one of many that look, and again when its job is lost', async () => {
    expect(await takeUnqueuedTasks(database, NAMES, 10_000)).toEqual([]);
    await makeDue();
    const takes = await Promise.all(Array.from({ length: 6 }, () => takeUnqueuedTasks(database, NAMES, 10_000)));
    expect(takes.flat()).toEqual(['sla']);
    expect(await listDueTasks(database, NAMES, 0)).toEqual(['sla']);
    expect(await listDueTasks(database, NAMES, 30_000)).toEqual([]);
    await database.query(`UPDATE tasks SET queued_until = now()`);
    expect(await takeUnqueuedTasks(database, NAMES, 10_000)).toEqual(['sla']);
    expect(await takeUnqueuedTasks(database, ['limits'], 10_000)).toEqual([]);
  });

  it('is claimed by one of many, and by another when the lease has lapsed', async () => {
    expect(await claimTask(database, 'sla', LEASE_MS)).toBeNull();
    await makeDue();
    const claims = await Promise.all(Array.from({ length: 6 }, () => claimTask(database, 'sla', LEASE_MS)));
    const [first, ...more] = claims.filter((claim) => claim !== null);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ name: 'sla', schedule: 'hourly', fence: 1 });
    expect(first?.slot.getTime()).toBeLessThan(first?.now.getTime() ?? 0);
    expect(await stateOf()).toMatchObject({ running: true });
    await database.query(`UPDATE tasks SET lease_until = now()`);
    expect(await claimTask(database, 'sla', LEASE_MS)).toMatchObject({ fence: 2 });
    if (first !== undefined) expect(await finishTask(database, first, { nextRunAt: inAnHour(first.now), error: null })).toBe(false);
  });

  it('is due again at the time that its run names, with what went wrong', async () => {
    const task = await claimed();
    expect(await finishTask(database, task, { nextRunAt: inAnHour(task.now), error: 'no' })).toBe(true);
    expect(await stateOf()).toMatchObject({ nextRunAt: inAnHour(task.now), lastError: 'no', running: false, overdueSeconds: 0 });
    expect((await stateOf())?.lastRunAt).not.toBeNull();
  });

  it('stays due where its run has left something to do', async () => {
    const task = await claimed();
    await finishTask(database, task, { nextRunAt: null, error: null });
    expect(await claimTask(database, 'sla', LEASE_MS)).toMatchObject({ slot: task.slot, fence: task.fence + 1 });
  });

  it('keeps the time of a schedule that was changed while it ran', async () => {
    const task = await claimed();
    await registerTask(database, { name: 'sla', schedule: 'other' }, (now) => new Date(now.getTime() + 60_000));
    const changed = await stateOf();
    expect(await finishTask(database, task, { nextRunAt: inAnHour(task.now), error: null })).toBe(true);
    expect(await stateOf()).toMatchObject({ schedule: 'other', nextRunAt: changed?.nextRunAt });
  });
});
