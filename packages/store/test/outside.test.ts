import { type Database, findOutside, findSlackUser, listHeartbeats, mirrorIssue, rememberInbound, removeHeartbeat, saveMessage, saveSlackUser, saveTicket, writeHeartbeat } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL, effectOf, open, stored } from './build.js';

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

describe('what was last seen outside', () => {
  it('is read for many deployments at once, and keeps what a later save leaves out', async () => {
    const [shown, bare] = (await stored(database, {}, {})) as [string, string];
    const ticket = { issueId: '1', key: 'OPS-1', url: 'https://jira.example.com/browse/OPS-1' };
    const effectId = await effectOf(database, shown, 'slack.approval');
    await saveTicket(database, shown, await effectOf(database, shown, 'jira.ticket'), { ...ticket, status: 'To Do', contentHash: 'a' });
    await saveTicket(database, shown, await effectOf(database, shown, 'jira.ticket'), { ...ticket, status: 'Done' });
    const message = { effectId, kind: 'slack.approval', channelId: CHANNEL, ts: '17.1' };
    await saveMessage(database, { ...message, deploymentId: shown, contentHash: 'x' });
    await saveMessage(database, { ...message, deploymentId: shown, contentHash: null });
    const outside = await findOutside(database, [shown, bare]);
    expect(outside.get(shown)).toEqual({
      ticket: { ...ticket, status: 'Done', statusId: null, statusCategory: null, contentHash: 'a', seenAt: null, deleted: false },
      messages: [{ ...message, contentHash: 'x' }],
    });
    expect(outside.get(bare)).toEqual({ ticket: null, messages: [] });
  });

  it('keeps what Jira told after a worker had read, also where the worker records later', async () => {
    const [id] = (await stored(database, {})) as [string];
    const effectId = await effectOf(database, id, 'jira.ticket');
    const ticket = { issueId: '7', key: 'OPS-7', url: 'u' };
    await saveTicket(database, id, effectId, { ...ticket, status: 'To Do' });
    const read = (await findOutside(database, [id])).get(id)?.ticket;
    const status = { id: '3', name: 'Done', category: 'done' };
    await database.transaction((uow) => mirrorIssue(uow, { ...ticket, key: 'NEW-1', status, at: new Date('2026-11-20T12:00:00Z') }));
    await saveTicket(database, id, effectId, { ...ticket, ...read, status: 'In Progress', contentHash: 'b' });
    const now = (await findOutside(database, [id])).get(id)?.ticket;
    expect(now).toMatchObject({ key: 'NEW-1', status: 'Done', statusId: '3', contentHash: 'b' });
    // Whoever has read that is up to date.
    await saveTicket(database, id, effectId, { ...ticket, ...now, status: 'In Progress' });
    expect((await findOutside(database, [id])).get(id)?.ticket?.status).toBe('In Progress');
  });
});

describe('what came in', () => {
  it('is handled once, also when it is delivered twice at the same time', async () => {
    const handled = await Promise.all([1, 2, 3, 4].map(() => database.transaction((uow) => rememberInbound(uow, 'click-1'))));
    expect(handled.filter(Boolean)).toHaveLength(1);
  });

  it('may be handled again where its transaction failed', async () => {
    const failing = database.transaction(async (uow) => {
      await rememberInbound(uow, 'click-2');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.transaction((uow) => rememberInbound(uow, 'click-2'))).toBe(true);
  });

  it('is remembered of a Slack user, also that there is no address', async () => {
    expect(await findSlackUser(database, 'T1', 'U1')).toBeNull();
    await saveSlackUser(database, 'T1', 'U1', null);
    expect(await findSlackUser(database, 'T1', 'U1')).toEqual({ email: null });
    await saveSlackUser(database, 'T1', 'U1', 'ann@example.com');
    expect(await findSlackUser(database, 'T1', 'U1')).toEqual({ email: 'ann@example.com' });
  });
});

describe('signs of life', () => {
  it('have an age, replace each other and are taken back; who is long silent is forgotten', async () => {
    await writeHeartbeat(database, { instance: 'gone', service: 'api', detail: {} });
    await database.query(`UPDATE heartbeats SET at = now() - interval '2 days'`);
    await writeHeartbeat(database, { instance: 'one', service: 'jira-worker', detail: { breaker: 'closed' } });
    await writeHeartbeat(database, { instance: 'one', service: 'jira-worker', detail: { breaker: 'open' } });
    const [beat, ...more] = await listHeartbeats(database);
    expect(beat).toMatchObject({ instance: 'one', detail: { breaker: 'open' } });
    expect(beat?.ageSeconds).toBeLessThan(10);
    expect(more).toEqual([]);
    await removeHeartbeat(database, 'jira-worker', 'one');
    expect(await listHeartbeats(database)).toEqual([]);
  });
});
