import type { Owed } from '@deptracker/domain';
import {
  type Database,
  type Effect,
  adoptMessage,
  claimEffect,
  claimUnknown,
  countBacklog,
  findEffect,
  findOutside,
  hasEarlierReply,
  intendToSend,
  learnExternalId,
  oweComment,
  oweEffects,
  postponeEffect,
  recordEffect,
  showTicketInMessage,
  wakeChildren,
} from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANNEL, count, effectOf, open, stored } from './build.js';

let test: TestDatabase;
let database: Database;
let deploymentId: string;
let ticketId: string;

const LEASE_MS = 60_000;
const SENT = { phase: 'sent', nextInMs: null, error: null, failing: false } as const;
const TICKET: Owed = { kind: 'jira.ticket', mode: 'once', priority: 'default', destination: '', revision: 2 };
const REPLY: Owed = { kind: 'slack.reply', mode: 'per_event', priority: 'low', destination: CHANNEL, revision: 2 };

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE deployments, decisions, events, effects, jira_tickets, slack_messages');
  const [id] = await stored(database);
  deploymentId = id ?? '';
  ticketId = await effectOf(database, deploymentId, 'jira.ticket');
});

const owe = (owed: readonly Owed[], queueMs = { jira: 0, slack: 0 }, noticeDelayMs = 0) =>
  database.transaction((uow) => oweEffects(uow, { deploymentId, owed, queueMs, noticeDelayMs }));

async function claimed(id = ticketId): Promise<Effect> {
  const effect = await claimEffect(database, { id, leaseMs: LEASE_MS, confirmMs: 0 });
  if (effect === null) throw new Error('not claimable');
  return effect;
}

async function read(id = ticketId): Promise<Effect> {
  const effect = await findEffect(database, id);
  if (effect === null) throw new Error('gone');
  return effect;
}

/** As if time had passed. */
const lapse = (column: 'lease_until' | 'queued_until' | 'next_attempt_at') =>
  database.query(`UPDATE effects SET ${column} = now() - interval '1 second' WHERE ${column} IS NOT NULL`);

const sent = async (id = ticketId, externalId = '10001', revision = 1): Promise<void> => {
  const effect = await claimed(id);
  await learnExternalId(database, id, externalId);
  await recordEffect(database, effect, { ...SENT, appliedRevision: revision });
};

describe('owing effects', () => {
  it('adds what is appended, and brings what is there to the new revision', async () => {
    await sent();
    await owe([TICKET, REPLY]);
    expect(await read()).toMatchObject({ desiredRevision: 2, appliedRevision: 1, phase: 'sent', due: true });
    const reply = await read(await effectOf(database, deploymentId, 'slack.reply'));
    expect(reply).toMatchObject({ eventRevision: 2, priority: 3, parentId: await effectOf(database, deploymentId, 'slack.approval') });
    await owe([TICKET, REPLY]);
    expect(await count(database, 'effects')).toBe(3);
  });

  it('gives back what the caller promised to queue, and nothing that waits', async () => {
    await sent();
    const notice: Owed = { ...REPLY, kind: 'slack.notice' };
    const queued = await owe([TICKET, notice], { jira: 5_000, slack: 5_000 }, 10_000);
    expect(queued).toMatchObject([{ id: ticketId, kind: 'jira.ticket' }]);
    expect((await read(await effectOf(database, deploymentId, 'slack.notice'))).due).toBe(false);
  });

  it('does not disturb the schedule of one that waits out a failure or for an answer', async () => {
    const effect = await claimed();
    await recordEffect(database, effect, { phase: 'unknown', nextInMs: 60_000, error: 'lost', failing: true });
    expect(await owe([TICKET], { jira: 5_000, slack: 0 })).toEqual([]);
    expect(await read()).toMatchObject({ phase: 'unknown', due: false, desiredRevision: 2 });
  });

  it('raises the priority of one that is open, and takes the new one where nothing was to be done', async () => {
    await owe([{ ...TICKET, priority: 'critical' }]);
    expect((await read()).priority).toBe(1);
    await owe([{ ...TICKET, priority: 'low', revision: 3 }]);
    expect((await read()).priority).toBe(1);
    await sent(ticketId, '10001', 3);
    await owe([{ ...TICKET, priority: 'low', revision: 4 }]);
    expect((await read()).priority).toBe(3);
  });

  it('gives a dead one that stands outside another chance, and not one that was never sent', async () => {
    const dead = { phase: 'dead', nextInMs: null, error: 'refused', failing: true, attempts: 3 } as const;
    await recordEffect(database, await claimed(), dead);
    await owe([TICKET]);
    expect(await read()).toMatchObject({ phase: 'dead', due: false, attempts: 3 });
    await learnExternalId(database, ticketId, '10001');
    await recordEffect(database, await claimed(), dead);
    await owe([{ ...TICKET, revision: 3 }]);
    expect(await read()).toMatchObject({ phase: 'sent', due: true, attempts: 0, failingSince: null });
  });

  it('adds a comment once per event', async () => {
    const ticket = await read();
    await oweComment(database, ticket, 2);
    await oweComment(database, ticket, 2);
    expect(await count(database, `effects WHERE kind = 'jira.comment' AND parent_id = $1`, [ticketId])).toBe(1);
  });
});

describe('a claim', () => {
  it('is had by one of many, and changes only lease and fence', async () => {
    const before = await read();
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimEffect(database, { id: ticketId, leaseMs: LEASE_MS, confirmMs: 0 })));
    const [mine, ...more] = claims.filter((claim) => claim !== null);
    expect(more).toEqual([]);
    expect(mine).toMatchObject({ phase: 'unsent', fence: before.fence + 1, leased: true, project: 'user-service' });
    expect({ ...(await read()), now: 0, fence: 0, leased: 0, leaseUntil: 0 }).toEqual({ ...before, now: 0, fence: 0, leased: 0, leaseUntil: 0 });
  });

  it('is not had of what is not due, and is had again when the lease has lapsed, in the phase it was in', async () => {
    const first = await claimed();
    expect(await intendToSend(database, first, 1_000)).toBe(true);
    expect(await claimEffect(database, { id: ticketId, leaseMs: LEASE_MS, confirmMs: 0 })).toBeNull();
    await lapse('lease_until');
    const second = await claimed();
    expect(second).toMatchObject({ phase: 'sending', sends: 1, fence: first.fence + 1 });
    await recordEffect(database, second, { ...SENT, appliedRevision: 1 });
    expect(await claimEffect(database, { id: ticketId, leaseMs: LEASE_MS, confirmMs: 0 })).toBeNull();
  });

  it('allows no request that the lease would not outlive', async () => {
    const effect = await claimed();
    expect(await intendToSend(database, effect, LEASE_MS + 1_000)).toBe(false);
    expect(await read()).toMatchObject({ phase: 'unsent', sends: 0 });
    await lapse('lease_until');
    expect(await intendToSend(database, effect, 1_000)).toBe(false);
  });

  it('cannot be recorded by who has lost it, but what was learned stays', async () => {
    const first = await claimed();
    await intendToSend(database, first, 1_000);
    await lapse('lease_until');
    const second = await claimed();
    expect(await recordEffect(database, first, { ...SENT, appliedRevision: 1 })).toEqual({ kept: false, due: false });
    expect((await read()).leased).toBe(true);
    expect(await learnExternalId(database, ticketId, '10001')).toBe('10001');
    expect(await read()).toMatchObject({ phase: 'sent', externalId: '10001', fence: second.fence, due: true });
    expect(await learnExternalId(database, ticketId, '10002')).toBe('10001');
    expect(await learnExternalId(database, ticketId, '10002')).toBe('10001');
    expect((await read()).extraIds).toEqual(['10002']);
  });
});

describe('a record', () => {
  it('leaves a row due that was moved on while it ran', async () => {
    const effect = await claimed();
    await owe([TICKET]);
    await learnExternalId(database, ticketId, '10001');
    expect(await recordEffect(database, effect, { ...SENT, appliedRevision: 1 })).toEqual({ kept: true, due: true });
    expect(await read()).toMatchObject({ desiredRevision: 2, appliedRevision: 1, due: true, leased: false });
  });

  it('leaves a row due until its duplicates are closed', async () => {
    await sent();
    await learnExternalId(database, ticketId, '10002');
    await learnExternalId(database, ticketId, '10003');
    const effect = await claimed();
    expect(await recordEffect(database, effect, { ...SENT, closedIds: ['10002'] })).toEqual({ kept: true, due: true });
    const again = await claimed();
    expect(again.extraIds).toEqual(['10003']);
    expect(await recordEffect(database, again, { ...SENT, closedIds: ['10003'] })).toEqual({ kept: true, due: false });
    expect((await read()).extraIds).toEqual([]);
  });

  it('waits after a failure although it was moved on, and remembers since when it fails', async () => {
    await sent();
    await owe([TICKET]);
    const failed = { phase: 'sent', nextInMs: 30_000, error: 'http_503', failing: true } as const;
    expect(await recordEffect(database, await claimed(), failed)).toEqual({ kept: true, due: false });
    const { failingSince } = await read();
    expect(failingSince).not.toBeNull();
    await lapse('next_attempt_at');
    await recordEffect(database, await claimed(), failed);
    expect((await read()).failingSince).toEqual(failingSince);
  });

  it('forgets what is gone outside', async () => {
    await sent();
    await owe([TICKET]);
    await recordEffect(database, await claimed(), { phase: 'unsent', sends: 0, nextInMs: 0, error: 'gone', failing: false, forget: true });
    expect(await read()).toMatchObject({ externalId: null, phase: 'unsent', sends: 0, due: true });
  });

  it('puts off what nobody holds, and leaves alone what is being run', async () => {
    await postponeEffect(database, { id: ticketId, priority: 2 }, 60_000);
    expect((await read()).due).toBe(false);
    await lapse('next_attempt_at');
    const effect = await claimed();
    await postponeEffect(database, { id: ticketId, priority: 2 }, 60_000);
    expect(await read()).toMatchObject({ due: true, fence: effect.fence });
  });
});

describe('what stands outside', () => {
  it('is looked up together with others of its kind, each by one worker', async () => {
    const ids = await stored(database, {}, {}, {});
    await database.query(`UPDATE effects SET phase = 'unknown' WHERE kind = 'jira.ticket'`);
    const first = await claimed();
    const [others, nothing] = await Promise.all([
      claimUnknown(database, first, 2, LEASE_MS),
      claimUnknown(database, first, 2, LEASE_MS),
    ]);
    const all = [...others, ...nothing].map(({ id }) => id);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(ids.length);
    expect(all).not.toContain(first.id);
  });

  it('is adopted from a click where we did not know of it', async () => {
    const approval = await effectOf(database, deploymentId, 'slack.approval');
    await database.query(`UPDATE effects SET phase = 'unknown' WHERE id = $1`, [approval]);
    await database.transaction((uow) => adoptMessage(uow, deploymentId, CHANNEL, '17.1'));
    expect(await read(approval)).toMatchObject({ phase: 'sent', externalId: '17.1' });
    expect((await findOutside(database, [deploymentId])).get(deploymentId)?.messages).toMatchObject([{ ts: '17.1', channelId: CHANNEL }]);
    await database.transaction((uow) => adoptMessage(uow, deploymentId, CHANNEL, '17.2'));
    expect(await read(approval)).toMatchObject({ externalId: '17.1', extraIds: ['17.2'] });
    expect((await findOutside(database, [deploymentId])).get(deploymentId)?.messages).toMatchObject([{ ts: '17.1' }]);
  });

  it('wakes what waits for it, in the order of events', async () => {
    const approval = await effectOf(database, deploymentId, 'slack.approval');
    await owe([REPLY]);
    await owe([{ ...REPLY, revision: 3 }]);
    await database.query(`UPDATE effects SET next_attempt_at = now() + interval '1 hour' WHERE kind = 'slack.reply'`);
    await wakeChildren(database, approval);
    expect(await count(database, `effects WHERE kind = 'slack.reply' AND next_attempt_at <= now()`)).toBe(2);
    const [first, second] = await database.query<{ id: string }>(`SELECT id FROM effects WHERE kind = 'slack.reply' ORDER BY event_revision`);
    expect(await hasEarlierReply(database, await read(first?.id))).toBe(false);
    expect(await hasEarlierReply(database, await read(second?.id))).toBe(true);
  });

  it('shows a ticket that came later, unless the message is about to be edited anyway', async () => {
    const approval = await effectOf(database, deploymentId, 'slack.approval');
    await sent(approval, '17.1');
    await database.transaction((uow) => showTicketInMessage(uow, deploymentId));
    expect(await read(approval)).toMatchObject({ appliedRevision: 0, due: true, priority: 3 });
  });

  it('is counted by phase while something is to be done', async () => {
    await sent();
    expect(await countBacklog(database)).toMatchObject([{ target: 'slack', phase: 'unsent', count: 1, due: 1 }]);
    await recordEffect(database, await claimed(await effectOf(database, deploymentId, 'slack.approval')), { phase: 'held', nextInMs: null, error: 'x', failing: true });
    expect(await countBacklog(database)).toEqual([{ target: 'slack', phase: 'held', count: 1, due: 0, failing: 0, oldestDueSeconds: 0, oldestFailingSeconds: 0 }]);
  });
});
