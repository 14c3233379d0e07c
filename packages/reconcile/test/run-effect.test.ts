import { randomUUID } from 'node:crypto';
import { runEffect } from '@deptracker/reconcile';
import { type Database, type Effect, findEffect, learnExternalId, replayEffect, showTicketInMessage } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeOutside, openVendor, testEngine, testPool } from './outside.js';

let target: TestDatabase;
let database: Database;

beforeAll(async () => {
  target = await testDatabase();
  database = testPool(target.url);
});

afterAll(async () => {
  await database.close();
  await target.drop();
});

let outside = fakeOutside();
let id = '';

beforeEach(async () => {
  outside = fakeOutside();
  id = randomUUID();
  await database.query(
    `INSERT INTO effects (id, kind, target, deployment_id, destination, priority, desired_revision, next_attempt_at)
     VALUES ($1, 'slack.approval', 'slack', $2, 'C1', 1, 1, now())`,
    [id, randomUUID()],
  );
});

const run = (): ReturnType<typeof runEffect> => runEffect(testEngine(database, outside.reconciler), id);
const effect = async (): Promise<Effect> => {
  const found = await findEffect(database, id);
  if (found === null) throw new Error('the effect is gone');
  return found;
};
/** Lets `seconds` pass for this effect, by moving all of its times into the past. */
const pass = (seconds: number): Promise<unknown> =>
  database.query(
    `UPDATE effects SET sent_at = sent_at - make_interval(secs => $2), first_sent_at = first_sent_at - make_interval(secs => $2),
       next_attempt_at = next_attempt_at - make_interval(secs => $2), lease_until = lease_until - make_interval(secs => $2),
       failing_since = failing_since - make_interval(secs => $2), confirm_at = confirm_at - make_interval(secs => $2) WHERE id = $1`,
    [id, seconds],
  );
const want = (revision: number): Promise<unknown> =>
  database.query('UPDATE effects SET desired_revision = $2, next_attempt_at = now() WHERE id = $1', [id, revision]);
/** Runs and lets time pass until nothing is due any more within a day. */
async function settle(): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    const { phase, due } = await effect();
    if ((phase === 'sent' && !due && round > 0) || phase === 'held' || phase === 'dead') return;
    await run();
    await pass(5);
  }
}

describe('an effect', () => {
  it('is created once and is done', async () => {
    expect((await run()).outcome).toBe('sent');
    expect((await run()).outcome).toBe('nothing');
    expect(outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', appliedRevision: 1, due: false, leased: false });
  });

  it('is created once by ten workers at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, run));
    expect(outside.created).toHaveLength(1);
  });

  it('is edited once for five changes', async () => {
    await run();
    for (const revision of [2, 3, 4, 5, 6]) await want(revision);
    await run();
    await run();
    expect(outside.edits).toBe(1);
    expect(await effect()).toMatchObject({ appliedRevision: 6, due: false });
  });

  it('is due again at once when what should be moves on during the request', async () => {
    outside.onCreate = async () => {
      await want(2);
    };
    const first = await run();
    expect(first.again).toEqual([id]);
    await run();
    expect(outside.edits).toBe(1);
    expect(await effect()).toMatchObject({ appliedRevision: 2 });
  });
});

describe('a lost answer', () => {
  it('is looked up and never blindly repeated', async () => {
    outside.create = ['lost_after_applying'];
    expect((await run()).outcome).toBe('unknown');
    expect((await run()).outcome).toBe('nothing');
    await pass(4);
    expect((await run()).outcome).toBe('sent');
    expect(outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', sends: 1 });
  });

  it('is sent once more after a whole quiet schedule, and then held for a person', async () => {
    outside.create = ['lost_before_applying', 'lost_before_applying'];
    await settle();
    expect(await effect()).toMatchObject({ phase: 'held', sends: 2 });
    expect(outside.created).toHaveLength(0);
    expect(outside.lookups).toBeGreaterThanOrEqual(6);
  });

  it('ends with one when the first request was never applied', async () => {
    outside.create = ['lost_before_applying', 'ok'];
    await settle();
    expect(outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', sends: 2 });
  });

  it('does not count a look-up that failed as quiet', async () => {
    outside.create = ['lost_after_applying'];
    outside.find = ['refused', 'refused', 'refused', 'refused', 'refused', 'refused'];
    await run();
    await pass(40);
    for (let round = 0; round < 6; round += 1) {
      await run();
      await pass(1_000);
    }
    expect(await effect()).toMatchObject({ phase: 'unknown', sends: 1 });
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent' });
    expect(outside.created).toHaveLength(1);
  });

  it('leaves one standing when a lagging search shows the first only after the second was sent', async () => {
    outside.create = ['lost_after_applying', 'ok'];
    outside.hidden.add('1');
    for (let round = 0; round < 12 && outside.created.length < 2; round += 1) {
      await run();
      await pass(5);
    }
    expect(outside.created).toHaveLength(2);
    outside.hidden.clear();
    await pass(901);
    await run();
    await run();
    expect(outside.deleted).toEqual(['1']);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2', extraIds: [] });
  });
});

describe('a held row that a person replays', () => {
  const replay = () => replayEffect(database, { id, actor: null, reason: null, requestId: null }, 0);
  const hold = async (...create: typeof outside.create): Promise<void> => {
    outside.create = create;
    outside.hidden.add('1');
    await settle();
    expect(await effect()).toMatchObject({ phase: 'held', sends: 2 });
    await pass(60);
  };

  it('is looked for first, and what stands is adopted', async () => {
    await hold('lost_after_applying', 'lost_before_applying');
    outside.hidden.clear();
    await replay();
    expect((await run()).outcome).toBe('sent');
    await run();
    expect(outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1' });
  });

  it('is sent once more only after quiet look-ups, and a duplicate that shows up later is closed', async () => {
    await hold('lost_after_applying', 'lost_before_applying', 'ok');
    const { lookups } = outside;
    await replay();
    await run();
    expect([outside.created.length, outside.lookups]).toEqual([1, lookups + 1]);
    await settle();
    expect(outside.lookups).toBeGreaterThanOrEqual(lookups + 2);
    expect(outside.created).toHaveLength(2);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2', sends: 3 });
    outside.hidden.clear();
    await pass(901);
    await run();
    await run();
    expect(outside.deleted).toEqual(['1']);
  });

  it('is held again when that answer is lost too', async () => {
    await hold('lost_before_applying', 'lost_before_applying', 'lost_before_applying');
    await replay();
    await run();
    await settle();
    expect(await effect()).toMatchObject({ phase: 'held', sends: 3 });
    expect(outside.create).toEqual([]);
  });
});

describe('what somebody else has learned', () => {
  it('during a look-up that finds nothing is kept: nothing is sent again', async () => {
    outside.create = ['lost_before_applying'];
    await run();
    await pass(60);
    outside.find = ['hang'];
    const looking = run();
    await expect.poll(() => outside.lookups).toBe(1);
    await database.transaction((uow) => learnExternalId(uow, id, 'seen-by-a-click'));
    outside.release();
    await looking;
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: 'seen-by-a-click', due: true });
    await run();
    expect(outside.created).toHaveLength(0);
    expect(outside.edits).toBe(1);
  });
});

describe('a worker that dies', () => {
  const die = async (): Promise<void> => {
    // The process is gone between the intent and the record: the row is as it was then.
    outside.create = ['hang'];
    const gone = run();
    await expect.poll(() => outside.created.length).toBe(1);
    await database.query('UPDATE effects SET fence = fence + 1000 WHERE id = $1', [id]);
    outside.release();
    await gone;
    await database.query(`UPDATE effects SET phase = 'sending', external_id = NULL, fence = 1 WHERE id = $1`, [id]);
  };

  it('after the request leaves a row that is looked up, not sent again', async () => {
    await die();
    await pass(61);
    await run();
    expect(outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', attempts: 0 });
  });

  it('during a look-up leaves it unknown', async () => {
    outside.create = ['lost_after_applying'];
    await run();
    await pass(4);
    outside.find = ['hang'];
    const gone = run();
    await expect.poll(() => outside.lookups).toBe(1);
    expect(await effect()).toMatchObject({ phase: 'unknown', leased: true });
    await pass(61);
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1' });
    outside.release();
    await gone;
    expect(outside.created).toHaveLength(1);
  });

  it('five times in mid-effect does not use the effect up', async () => {
    await die();
    const gone: Promise<unknown>[] = [];
    for (let death = 1; death <= 5; death += 1) {
      await pass(61);
      outside.find = ['hang'];
      gone.push(run());
      await expect.poll(() => outside.lookups).toBe(death);
    }
    await pass(61);
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', attempts: 0, sends: 1 });
    outside.release();
    await Promise.all(gone);
    expect(outside.created).toHaveLength(1);
  });
});

it('a worker that dies in the second request leaves what is looked for twice before it is held', async () => {
  outside.create = ['lost_before_applying', 'hang'];
  outside.hidden.add('1');
  const died = [];
  while (outside.create.length > 0) {
    died.push(run());
    await Promise.race([died.at(-1), expect.poll(() => outside.create.length).toBe(0)]);
    await pass(5);
  }
  await pass(3_600);
  await run();
  expect(await effect()).toMatchObject({ phase: 'unknown', sends: 2 });
  await pass(61);
  await run();
  expect(await effect()).toMatchObject({ phase: 'held', sends: 2 });
  outside.release();
  await Promise.all(died);
});

describe('a worker that was stopped past its lease', () => {
  it('cannot overwrite its successor, and what it learned is not lost', async () => {
    outside.create = ['hang'];
    const stopped = run();
    await expect.poll(() => outside.created.length).toBe(1);
    outside.hidden.add('1');
    await pass(61);
    for (let round = 0; round < 12 && outside.created.length < 2; round += 1) {
      await run();
      await pass(5);
    }
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2' });
    outside.release();
    expect((await stopped).outcome).toBe('lost_lease');
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2', extraIds: ['1'], due: true });
    await run();
    expect(outside.deleted).toEqual(['1']);
  });

  it('tells those who wait for what it has made, also where its successor has found nothing', async () => {
    const settled: string[] = [];
    outside.reconciler.settled = (_uow, _effect, phase) => Promise.resolve(void settled.push(phase));
    outside.create = ['hang'];
    outside.hidden.add('1');
    const stopped = run();
    await expect.poll(() => outside.created.length).toBe(1);
    await pass(61);
    await run();
    expect(settled).toEqual(['unknown']);
    outside.release();
    expect((await stopped).outcome).toBe('lost_lease');
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1' });
    expect(settled).toEqual(['unknown', 'sent']);
  });

  it('and then edits with what it knew is put right again', async () => {
    await run();
    await want(2);
    outside.edit = ['hang'];
    const stopped = run();
    await expect.poll(async () => (await effect()).leased).toBe(true);
    await expect.poll(() => outside.edit.length).toBe(0);
    await pass(61);
    await want(3);
    await run();
    expect(outside.shown).toBe(3);
    outside.release();
    expect((await stopped).outcome).toBe('lost_lease');
    expect(outside.shown).toBe(2);
    await run();
    expect(outside.shown).toBe(3);
    expect(await effect()).toMatchObject({ appliedRevision: 3, due: false });
  });

  /** A worker stops in its edit of revision 2, another one shows 3; then the edit of 2 is applied after all. */
  async function editLate(end: () => Promise<void>): Promise<void> {
    await run();
    await want(2);
    const stopped = run();
    await expect.poll(() => outside.edit.length).toBe(0);
    await pass(61);
    await want(3);
    await run();
    expect(outside.shown).toBe(3);
    await end();
    outside.shown = 2;
    await pass(31);
    await run();
    expect(outside.shown).toBe(3);
    expect(await effect()).toMatchObject({ appliedRevision: 3, confirmAt: null, due: false });
    outside.release();
    await stopped;
  }

  it('and whose edit then has no answer and is applied late is put right again', async () => {
    outside.edit = ['hang_and_lost'];
    await editLate(async () => {
      // Long after the other one's doubts are settled.
      await pass(31);
      await run();
      expect(await effect()).toMatchObject({ confirmAt: null });
      outside.release();
      await expect.poll(async () => (await effect()).confirmAt).not.toBeNull();
    });
  });

  it('or killed in an edit that is applied late leaves what its successor puts right again', async () => {
    outside.edit = ['hang'];
    await editLate(() => Promise.resolve());
  });

  it('edits late while another run has the lease, and is put right again after that', async () => {
    await run();
    await want(2);
    outside.edit = ['hang'];
    const stopped = run();
    await expect.poll(() => outside.edit.length).toBe(0);
    // Its successor does the work and confirms it; then more is wanted.
    for (const seconds of [61, 31]) {
      await pass(seconds);
      await run();
    }
    expect(await effect()).toMatchObject({ appliedRevision: 2, confirmAt: null, due: false });
    await want(3);
    const next = runEffect(
      testEngine(database, {
        ...outside.reconciler,
        update: async (one, call) => {
          const updated = await outside.reconciler.update(one, call);
          outside.release();
          expect((await stopped).outcome).toBe('lost_lease');
          return updated;
        },
      }),
      id,
    );
    expect((await next).outcome).toBe('updated');
    expect(outside.shown).toBe(2);
    await run();
    expect(outside.shown).toBe(3);
    expect(await effect()).toMatchObject({ appliedRevision: 3, confirmAt: null, due: false });
  });

  it('leaves a message that shows the link of its ticket at once, not when it is confirmed', async () => {
    await run();
    await want(2);
    outside.edit = ['hang'];
    const killed = run();
    await expect.poll(() => outside.edit.length).toBe(0);
    await pass(61);
    await run();
    const [row] = await database.query<{ of: string }>('SELECT deployment_id AS of FROM effects WHERE id = $1', [id]);
    await database.transaction((uow) => showTicketInMessage(uow, row?.of ?? ''));
    expect(await effect()).toMatchObject({ appliedRevision: 0, due: true });
    outside.release();
    await killed;
  });

  it('edits nothing that could outlive its lease', async () => {
    await run();
    await want(2);
    await run();
    expect(outside.editableMs).toBeLessThanOrEqual(50_000);
  });

  it('sends nothing when its lease would not outlive the request', async () => {
    const engine = { ...testEngine(database, outside.reconciler), leaseMs: 5_000 };
    expect((await runEffect(engine, id)).outcome).toBe('lost_lease');
    expect(outside.created).toHaveLength(0);
  });
});

describe('a ticket that comes to stand while its message is edited', () => {
  it('is shown by one more edit, since that one may not have known of it', async () => {
    await run();
    await want(2);
    const [row] = await database.query<{ of: string }>('SELECT deployment_id AS of FROM effects WHERE id = $1', [id]);
    const edits = outside.edits;
    await runEffect(
      testEngine(database, {
        ...outside.reconciler,
        update: async (one, call) => {
          const updated = await outside.reconciler.update(one, call);
          await database.transaction((uow) => showTicketInMessage(uow, row?.of ?? ''));
          return updated;
        },
      }),
      id,
    );
    expect(await effect()).toMatchObject({ due: true });
    await run();
    expect(outside.edits).toBe(edits + 2);
    expect(await effect()).toMatchObject({ appliedRevision: 2, confirmAt: null, due: false });
  });
});

describe('a failure', () => {
  it('of the row itself ends dead after the budget, visibly', async () => {
    outside.create = ['row_fault', 'row_fault', 'row_fault', 'row_fault'];
    for (let round = 0; round < 6; round += 1) {
      await run();
      await pass(10);
    }
    expect(await effect()).toMatchObject({ phase: 'dead', attempts: 3, sends: 0, due: false });
    const [row] = await database.query<{ last_error: string }>('SELECT last_error FROM effects WHERE id = $1', [id]);
    expect(row?.last_error).toContain('bad row');
  });

  it('of the vendor uses nothing up, however often it comes', async () => {
    outside.create = Array.from({ length: 20 }, () => 'refused' as const);
    for (let round = 0; round < 20; round += 1) {
      await run();
      await pass(1_000);
    }
    expect(await effect()).toMatchObject({ phase: 'unsent', attempts: 0, sends: 0 });
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent', sends: 1 });
  });

  it('with Retry-After is not tried again before', async () => {
    outside.create = ['rate'];
    await run();
    await pass(6);
    expect(await effect()).toMatchObject({ due: false });
    await pass(2);
    expect(await effect()).toMatchObject({ due: true, attempts: 0 });
  });

  it('of an edit that may be applied late has what is shown written once more, when it cannot be any more', async () => {
    await run();
    await want(2);
    outside.edit = ['lost_before_applying'];
    await run();
    await pass(5);
    await run();
    expect(outside.edits).toBe(1);
    expect(await effect()).toMatchObject({ appliedRevision: 2, due: false, attempts: 0 });
    await pass(26);
    expect((await run()).outcome).toBe('updated');
    expect(outside.edits).toBe(2);
    expect(await effect()).toMatchObject({ confirmAt: null, due: false });
    await pass(86_400);
    expect((await run()).outcome).toBe('nothing');
  });

  it('of an edit that surely was not applied needs no further one', async () => {
    await run();
    await want(2);
    outside.edit = ['refused'];
    await run();
    await pass(5);
    await run();
    await pass(86_400);
    expect((await run()).outcome).toBe('nothing');
    expect(outside.edits).toBe(1);
  });

  it('of an edit keeps what stands, and the next change brings a dead one back', async () => {
    await run();
    await want(2);
    outside.edit = ['row_fault', 'row_fault', 'row_fault'];
    for (let round = 0; round < 4; round += 1) {
      await run();
      await pass(10);
    }
    expect(await effect()).toMatchObject({ phase: 'dead', externalId: '1' });
  });
});

describe('a vendor that has no permit for anybody', () => {
  const refusing = { ...openVendor, reserve: () => Promise.resolve({ retryAfterMs: 60_000, forAll: true }) };
  const secondsLeft = async (of: string): Promise<number> => {
    const [row] = await database.query<{ left: number }>('SELECT extract(epoch FROM next_attempt_at - now())::float8 AS left FROM effects WHERE id = $1', [of]);
    return row?.left ?? 0;
  };

  it('puts off each of those to be looked up until there is one, also those of the same channel', async () => {
    const other = randomUUID();
    await database.query(
      `INSERT INTO effects (id, kind, target, deployment_id, destination, priority, desired_revision, next_attempt_at)
       VALUES ($1, 'slack.approval', 'slack', $2, 'C1', 1, 1, now())`,
      [other, randomUUID()],
    );
    await database.query(`UPDATE effects SET phase = 'unknown' WHERE id = ANY ($1::uuid[])`, [[id, other]]);
    const engine = testEngine(database, outside.reconciler, refusing);
    const first = runEffect(engine, id);
    await expect.poll(() => secondsLeft(id)).toBeGreaterThan(50);
    expect(await runEffect(engine, other)).toMatchObject({ outcome: 'postponed', restMs: 1_000 });
    expect(await secondsLeft(other)).toBeGreaterThan(50);
    await first;
  });
});

describe('an open breaker', () => {
  it('puts the row off without a claim and without using it up', async () => {
    const vendor = { ...openVendor, state: () => ({ breaker: 'open' as const, retryAfterMs: 30_000 }) };
    const { outcome } = await runEffect(testEngine(database, outside.reconciler, vendor), id);
    expect(outcome).toBe('postponed');
    expect(await effect()).toMatchObject({ phase: 'unsent', attempts: 0, sends: 0, fence: 0, due: false });
  });
});
