import { runEffect } from '@deptracker/reconcile';
import { showTicketInMessage } from '@deptracker/store';
import { describe, expect, it } from 'vitest';
import { effectScene } from './effect-scene.js';
import { openVendor, testEngine } from './outside.js';

const scene = effectScene();
const { run, effect, pass, want } = scene;

describe('an effect', () => {
  it('is created once and is done', async () => {
    expect((await run()).outcome).toBe('sent');
    expect((await run()).outcome).toBe('nothing');
    expect(scene.outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', appliedRevision: 1, due: false, leased: false });
  });

  it('is created once by ten workers at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, run));
    expect(scene.outside.created).toHaveLength(1);
  });

  it('is edited once for five changes', async () => {
    await run();
    for (const revision of [2, 3, 4, 5, 6]) await want(revision);
    await run();
    await run();
    expect(scene.outside.edits).toBe(1);
    expect(await effect()).toMatchObject({ appliedRevision: 6, due: false });
  });

  it('is due again at once when what should be moves on during the request', async () => {
    scene.outside.onCreate = async () => {
      await want(2);
    };
    const first = await run();
    expect(first.again).toEqual([scene.id]);
    await run();
    expect(scene.outside.edits).toBe(1);
    expect(await effect()).toMatchObject({ appliedRevision: 2 });
  });
});

describe('a ticket that comes to stand while its message is edited', () => {
  it('is shown by one more edit, since that one may not have known of it', async () => {
    await run();
    await want(2);
    const [row] = await scene.database.query<{ of: string }>('SELECT deployment_id AS of FROM effects WHERE id = $1', [scene.id]);
    const edits = scene.outside.edits;
    await runEffect(
      testEngine(scene.database, {
        ...scene.outside.reconciler,
        update: async (one, call) => {
          const updated = await scene.outside.reconciler.update(one, call);
          await scene.database.transaction((uow) => showTicketInMessage(uow, row?.of ?? ''));
          return updated;
        },
      }),
      scene.id,
    );
    expect(await effect()).toMatchObject({ due: true });
    await run();
    expect(scene.outside.edits).toBe(edits + 2);
    expect(await effect()).toMatchObject({ appliedRevision: 2, confirmAt: null, due: false });
  });
});

describe('a failure', () => {
  it('of the row itself ends dead after the budget, visibly', async () => {
    scene.outside.create = ['row_fault', 'row_fault', 'row_fault', 'row_fault'];
    for (let round = 0; round < 6; round += 1) {
      await run();
      await pass(10);
    }
    expect(await effect()).toMatchObject({ phase: 'dead', attempts: 3, sends: 0, due: false });
    const [row] = await scene.database.query<{ last_error: string }>('SELECT last_error FROM effects WHERE id = $1', [scene.id]);
    expect(row?.last_error).toContain('bad row');
  });

  it('of the vendor uses nothing up, however often it comes', async () => {
    scene.outside.create = Array.from({ length: 20 }, () => 'refused' as const);
    for (let round = 0; round < 20; round += 1) {
      await run();
      await pass(1_000);
    }
    expect(await effect()).toMatchObject({ phase: 'unsent', attempts: 0, sends: 0 });
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent', sends: 1 });
  });

  it('with Retry-After is not tried again before', async () => {
    scene.outside.create = ['rate'];
    await run();
    await pass(6);
    expect(await effect()).toMatchObject({ due: false });
    await pass(2);
    expect(await effect()).toMatchObject({ due: true, attempts: 0 });
  });

  it('of an edit that may be applied late has what is shown written once more, when it cannot be any more', async () => {
    await run();
    await want(2);
    scene.outside.edit = ['lost_before_applying'];
    await run();
    await pass(5);
    await run();
    expect(scene.outside.edits).toBe(1);
    expect(await effect()).toMatchObject({ appliedRevision: 2, due: false, attempts: 0 });
    await pass(26);
    expect((await run()).outcome).toBe('updated');
    expect(scene.outside.edits).toBe(2);
    expect(await effect()).toMatchObject({ confirmAt: null, due: false });
    await pass(86_400);
    expect((await run()).outcome).toBe('nothing');
  });

  it('of an edit that surely was not applied needs no further one', async () => {
    await run();
    await want(2);
    scene.outside.edit = ['refused'];
    await run();
    await pass(5);
    await run();
    await pass(86_400);
    expect((await run()).outcome).toBe('nothing');
    expect(scene.outside.edits).toBe(1);
  });

  it('of an edit keeps what stands, and the next change brings a dead one back', async () => {
    await run();
    await want(2);
    scene.outside.edit = ['row_fault', 'row_fault', 'row_fault'];
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
    const [row] = await scene.database.query<{ left: number }>('SELECT extract(epoch FROM next_attempt_at - now())::float8 AS left FROM effects WHERE id = $1', [of]);
    return row?.left ?? 0;
  };

  it('puts off each of those to be looked up until there is one, also those of the same channel', async () => {
    const other = await scene.owe();
    await scene.database.query(`UPDATE effects SET phase = 'unknown' WHERE id = ANY ($1::uuid[])`, [[scene.id, other]]);
    const engine = testEngine(scene.database, scene.outside.reconciler, refusing);
    const first = runEffect(engine, scene.id);
    await expect.poll(() => secondsLeft(scene.id)).toBeGreaterThan(50);
    expect(await runEffect(engine, other)).toMatchObject({ outcome: 'postponed', restMs: 1_000 });
    expect(await secondsLeft(other)).toBeGreaterThan(50);
    await first;
  });
});

describe('an open breaker', () => {
  it('puts the row off without a claim and without using it up', async () => {
    const vendor = { ...openVendor, state: () => ({ breaker: 'open' as const, retryAfterMs: 30_000 }) };
    const { outcome } = await runEffect(testEngine(scene.database, scene.outside.reconciler, vendor), scene.id);
    expect(outcome).toBe('postponed');
    expect(await effect()).toMatchObject({ phase: 'unsent', attempts: 0, sends: 0, fence: 0, due: false });
  });
});
