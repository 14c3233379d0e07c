import { type ByHand, type Database, type JobFilter, claimEffect, countBacklog, discardEffect, findEffect, findJob, intendToSend, learnExternalId, listEffectActions, listJobs, mirrorDeletion, oweEffects, recordEffect, reopenTicket, replayEffect, saveTicket } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { POLICY, effectOf, open, stored } from './build.js';

let test: TestDatabase;
let database: Database;
let id = '';
let deployment = '';

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE deployments, decisions, events, effects, effect_actions, deployment_keys CASCADE');
  [deployment = ''] = await stored(database, {});
  id = await effectOf(database, deployment, 'jira.ticket');
});

const by = (fields: Partial<ByHand> = {}): ByHand => ({ id, actor: 'ann@example.com', reason: 'because', requestId: null, ...fields });
const set = (what: string, which = id): Promise<unknown> => database.query(`UPDATE effects SET ${what} WHERE id = $1`, [which]);
const HELD = `phase = 'held', sends = 2, lookups = 5, attempts = 1, rechecks = 2, next_attempt_at = NULL, sent_at = now() - interval '1 hour', failing_since = now()`;
const DEAD = `phase = 'dead', attempts = 3, next_attempt_at = NULL, failing_since = now(), last_error = 'no such channel'`;
const state = async (): Promise<string | undefined> => (await findJob(database, id))?.state;

describe('a replay', () => {
  it.each([
    ['held after two requests', HELD, { phase: 'unknown', sends: 2, maxSends: 3 }],
    ['held after one request, whose look-up was refused', HELD.replace('sends = 2', 'sends = 1'), { phase: 'unknown', sends: 1, maxSends: 2 }],
    ['dead and surely never applied', DEAD, { phase: 'unsent', sends: 0, maxSends: 2 }],
    ['dead although a request may have been applied', `${DEAD}, sends = 1`, { phase: 'unknown', sends: 1, maxSends: 2 }],
    ['dead with something outside', `${DEAD}, external_id = '1', sends = 1`, { phase: 'sent', sends: 1, maxSends: 2 }],
    ['unknown and waiting', `phase = 'unknown', sends = 1, lookups = 2, next_attempt_at = now() + interval '1 hour'`, { phase: 'unknown', sends: 1, maxSends: 2 }],
    ['waiting out a failure', `phase = 'unsent', attempts = 2, next_attempt_at = now() + interval '1 hour'`, { phase: 'unsent', sends: 0 }],
  ])('of one that is %s makes it due with all of its patience', async (_title, was, becomes) => {
    await set(was);
    expect(await replayEffect(database, by(), 0)).toMatchObject({ id, target: 'jira', kind: 'jira.ticket', priority: 2 });
    expect(await findEffect(database, id)).toMatchObject({ ...becomes, due: true, attempts: 0, lookups: 0, rechecks: 0, failingSince: null });
  });

  it('of one that is worked on, due, done or discarded changes nothing', async () => {
    for (const was of [
      `${HELD}, lease_until = now() + interval '1 minute'`,
      `phase = 'unsent', next_attempt_at = now(), lease_until = NULL`,
      `phase = 'sent', next_attempt_at = NULL`,
      `phase = 'dead', discarded_at = now(), next_attempt_at = NULL`,
    ]) {
      await set(was);
      const before = await findEffect(database, id);
      expect(await replayEffect(database, by(), 0)).toBeNull();
      expect({ ...(await findEffect(database, id)), now: 0 }).toEqual({ ...before, now: 0 });
    }
    expect(await listEffectActions(database, id)).toEqual([]);
  });

  it('of the same one by ten at once happens once, and one of them is in the history', async () => {
    await set(DEAD);
    const all = await Promise.all(Array.from({ length: 10 }, (_, n) => replayEffect(database, by({ actor: `a${n}@example.com` }), 0)));
    expect(all.filter((one) => one !== null)).toHaveLength(1);
    expect(await listEffectActions(database, id)).toMatchObject([{ action: 'replayed', state: 'dead', reason: 'because', lastError: 'no such channel' }]);
  });

  it('of one that another transaction has replayed meanwhile happens once, also where this one began before', async () => {
    await set(DEAD);
    await database.transaction(async (uow) => {
      await uow.query('SELECT 1');
      expect(await replayEffect(database, by(), 0)).not.toBeNull();
      expect(await replayEffect(uow, by(), 0)).toBeNull();
      expect((await findJob(uow, id))?.state).toBe('due');
    });
    expect(await listEffectActions(database, id)).toHaveLength(1);
  });

  it('takes the word from a worker that lost its lease, but not what it learned', async () => {
    const late = await claimEffect(database, { id, leaseMs: 60_000, confirmMs: 0 });
    if (late === null) throw new Error('not claimed');
    expect(await intendToSend(database, late, 0)).toBe(true);
    await set(`lease_until = now() - interval '1 second', ${HELD}`);
    await replayEffect(database, by(), 0);
    expect(await recordEffect(database, late, { phase: 'dead', nextInMs: null, error: 'late', failing: true })).toEqual({ kept: false, due: false });
    await learnExternalId(database, id, '77');
    expect(await findEffect(database, id)).toMatchObject({ phase: 'sent', externalId: '77', due: true });
  });

  it('of a notice in a digest is refused: the digest is to be replayed', async () => {
    await set(`kind = 'slack.notice', parent_id = '${deployment}', ${DEAD}`);
    expect(await replayEffect(database, by(), 0)).toBeNull();
    expect(await discardEffect(database, by())).toBe(false);
  });
});

describe('a discard', () => {
  it.each([['held', HELD], ['dead', DEAD], ['waiting', `next_attempt_at = now() + interval '1 hour'`], ['due', `next_attempt_at = now()`]])('of one that is %s ends it and all trouble', async (was, how) => {
    await set(how);
    expect(await state()).toBe(was);
    expect(await discardEffect(database, by())).toBe(true);
    expect(await findJob(database, id)).toMatchObject({ state: 'discarded', nextAttemptAt: null, failingSince: null, lastError: 'discarded by ann@example.com: because' });
    expect((await countBacklog(database)).filter(({ target }) => target === 'jira')).toEqual([]);
    expect(await discardEffect(database, by())).toBe(false);
    expect(await listEffectActions(database, id)).toMatchObject([{ action: 'discarded', actor: 'ann@example.com', state: was }]);
  });

  it('is not undone by a later change of the deployment, nor by what somebody learns', async () => {
    await set(`${DEAD}, external_id = '1'`);
    await discardEffect(database, by());
    const owed = [{ kind: 'jira.ticket', mode: 'once', priority: 'default', destination: '', revision: 2 }] as const;
    await database.transaction((uow) => oweEffects(uow, { deploymentId: deployment, owed, queueMs: { jira: 0, slack: 0 }, noticeDelayMs: 0 }));
    expect(await state()).toBe('discarded');
    await learnExternalId(database, id, '2');
    expect(await findEffect(database, id)).toMatchObject({ phase: 'dead', externalId: '1', extraIds: ['2'], due: false });
  });

  it('is not undone where Jira tells that the ticket was deleted', async () => {
    await set(`${DEAD}, external_id = '7', sends = 1`);
    await database.transaction((uow) => saveTicket(uow, deployment, id, { issueId: '7', key: 'OPS-7', url: 'u' }));
    await discardEffect(database, by());
    expect(await database.transaction((uow) => mirrorDeletion(uow, '7', new Date()))).toBe(true);
    expect(await state()).toBe('discarded');
    expect(await findEffect(database, id)).toMatchObject({ phase: 'dead', due: false });
  });

  it.each([
    ['sent twice without an answer is looked for before anything is sent', HELD, { phase: 'unknown', sends: 2, maxSends: 3 }],
    ['never sent is sent', DEAD, { phase: 'unsent', sends: 0, maxSends: 2 }],
  ])('of a ticket ends where somebody asks for the ticket anew; one that was %s', async (_what, was, becomes) => {
    await set(was);
    await discardEffect(database, by());
    await database.transaction((uow) => reopenTicket(uow, id, { requestedBy: null, queueMs: { jira: 0, slack: 0 } }));
    expect(await findEffect(database, id)).toMatchObject({ ...becomes, due: true, discarded: false, attempts: 0, lookups: 0 });
    expect(await state()).not.toBe('discarded');
    expect(await discardEffect(database, by())).toBe(true);
  });

  it('and a worker never both win: whoever has the row first keeps it', async () => {
    for (let round = 0; round < 20; round += 1) {
      await database.query('UPDATE effects SET phase = $2, sends = 0, lease_until = NULL, discarded_at = NULL, next_attempt_at = now() WHERE id = $1', [id, 'unsent']);
      const [claimed, discarded] = await Promise.all([claimEffect(database, { id, leaseMs: 60_000, confirmMs: 0 }), discardEffect(database, by())]);
      expect([claimed !== null, discarded].filter(Boolean)).toHaveLength(1);
      if (claimed === null) expect(await state()).toBe('discarded');
      else expect(await intendToSend(database, claimed, 0)).toBe(true);
    }
  });

  it('keeps a worker that lost its lease from sending', async () => {
    const late = await claimEffect(database, { id, leaseMs: 60_000, confirmMs: 0 });
    await set(`lease_until = now() - interval '1 second'`);
    expect(await discardEffect(database, by())).toBe(true);
    await set(`lease_until = now() + interval '1 minute'`);
    expect(late !== null && (await intendToSend(database, late, 0))).toBe(false);
  });

  it('of a message that never stood takes dead replies along, and of a digest its notices', async () => {
    const parent = await effectOf(database, deployment, 'slack.approval');
    await set(`kind = 'slack.reply', parent_id = '${parent}', event_revision = 2, ${DEAD}`);
    await set(DEAD, parent);
    expect(await discardEffect(database, by({ id: parent }))).toBe(true);
    expect(await state()).toBe('discarded');
    const [told = ''] = await stored(database, { policy: { ...POLICY, approvalsRequired: 0 } });
    const notice = await effectOf(database, told, 'slack.notice');
    await set(`kind = 'slack.digest', phase = 'dead', discarded_at = NULL, parent_id = NULL`);
    await set(`parent_id = '${id}', phase = 'dead', next_attempt_at = NULL`, notice);
    expect(await discardEffect(database, by())).toBe(true);
    expect((await findJob(database, notice))?.state).toBe('discarded');
  });
});

describe('the list', () => {
  it('gives each state its own, and page after page all that is open', async () => {
    const ids = await stored(database, {}, {}, {}, {});
    const [a = '', b = '', c = '', d = ''] = await Promise.all(ids.map((one) => effectOf(database, one, 'jira.ticket')));
    await set(HELD, a);
    await set(DEAD, b);
    await set(`lease_until = now() + interval '1 minute'`, c);
    await set(`phase = 'unknown', sends = 1`, d);
    await set(`next_attempt_at = now() + interval '1 hour'`);
    const list = async (filter: JobFilter) => (await listJobs(database, { kind: 'jira.ticket', ...filter }, { after: null, limit: 10 })).map((job) => [job.id, job.state]);
    for (const [one, as] of [[a, 'held'], [b, 'dead'], [c, 'running'], [d, 'unknown'], [id, 'waiting']] as const) expect(await list({ state: as })).toEqual([[one, as]]);
    expect(await list({ state: 'due' })).toEqual([]);
    await discardEffect(database, by({ id: b }));
    expect(await list({ state: 'dead' })).toEqual([]);
    expect(await list({ state: 'discarded' })).toEqual([[b, 'discarded']]);
    expect((await list({})).map(([one]) => one)).toEqual([a, c, d, id].sort());
    const all: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await listJobs(database, {}, { after, limit: 2 });
      all.push(...page.map((job) => job.id));
      after = page.at(-1)?.id ?? null;
      if (after === null) break;
    }
    const open = await database.query<{ id: string; kind: string }>(`SELECT id, kind FROM effects WHERE next_attempt_at IS NOT NULL OR phase = 'held' ORDER BY id`);
    expect(new Set(open.map(({ kind }) => kind)).size).toBeGreaterThan(1);
    expect(all).toEqual(open.map((one) => one.id));
    for (const target of ['jira', 'slack'] as const) {
      const ofTarget = open.filter(({ kind }) => kind.startsWith(target)).map((one) => one.id);
      expect((await listJobs(database, { target }, { after: null, limit: 100 })).map((job) => job.id)).toEqual(ofTarget);
    }
    expect(await listJobs(database, { deployment, priority: 1 }, { after: null, limit: 9 })).toMatchObject([{ kind: 'slack.approval' }]);
  });
});
