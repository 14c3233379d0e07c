import { runEffect } from '@deptracker/reconcile';
import { showTicketInMessage } from '@deptracker/store';
import { describe, expect, it } from 'vitest';
import { effectScene } from './effect-scene.js';
import { testEngine } from './outside.js';

const scene = effectScene();
const { run, effect, pass, want } = scene;

describe('a worker that was stopped past its lease', () => {
  it('cannot overwrite its successor, and what it learned is not lost', async () => {
    scene.outside.create = ['hang'];
    const stopped = run();
    await expect.poll(() => scene.outside.created.length).toBe(1);
    scene.outside.hidden.add('1');
    await pass(61);
    for (let round = 0; round < 12 && scene.outside.created.length < 2; round += 1) {
      await run();
      await pass(5);
    }
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2' });
    scene.outside.release();
    expect((await stopped).outcome).toBe('lost_lease');
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2', extraIds: ['1'], due: true });
    await run();
    expect(scene.outside.deleted).toEqual(['1']);
  });

  it('tells those who wait for what it has made, also where its successor has found nothing', async () => {
    const settled: string[] = [];
    scene.outside.reconciler.settled = (_uow, _effect, phase) => Promise.resolve(void settled.push(phase));
    scene.outside.create = ['hang'];
    scene.outside.hidden.add('1');
    const stopped = run();
    await expect.poll(() => scene.outside.created.length).toBe(1);
    await pass(61);
    await run();
    expect(settled).toEqual(['unknown']);
    scene.outside.release();
    expect((await stopped).outcome).toBe('lost_lease');
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1' });
    expect(settled).toEqual(['unknown', 'sent']);
  });

  it('and then edits with what it knew is put right again', async () => {
    await run();
    await want(2);
    scene.outside.edit = ['hang'];
    const stopped = run();
    await expect.poll(async () => (await effect()).leased).toBe(true);
    await expect.poll(() => scene.outside.edit.length).toBe(0);
    await pass(61);
    await want(3);
    await run();
    expect(scene.outside.shown).toBe(3);
    scene.outside.release();
    expect((await stopped).outcome).toBe('lost_lease');
    expect(scene.outside.shown).toBe(2);
    await run();
    expect(scene.outside.shown).toBe(3);
    expect(await effect()).toMatchObject({ appliedRevision: 3, due: false });
  });

  /** A worker stops in its edit of revision 2, another one shows 3; then the edit of 2 is applied after all. */
  async function editLate(end: () => Promise<void>): Promise<void> {
    await run();
    await want(2);
    const stopped = run();
    await expect.poll(() => scene.outside.edit.length).toBe(0);
    await pass(61);
    await want(3);
    await run();
    expect(scene.outside.shown).toBe(3);
    await end();
    scene.outside.shown = 2;
    await pass(31);
    await run();
    expect(scene.outside.shown).toBe(3);
    expect(await effect()).toMatchObject({ appliedRevision: 3, confirmAt: null, due: false });
    scene.outside.release();
    await stopped;
  }

  it('and whose edit then has no answer and is applied late is put right again', async () => {
    scene.outside.edit = ['hang_and_lost'];
    await editLate(async () => {
      // Long after the other one's doubts are settled.
      await pass(31);
      await run();
      expect(await effect()).toMatchObject({ confirmAt: null });
      scene.outside.release();
      await expect.poll(async () => (await effect()).confirmAt).not.toBeNull();
    });
  });

  it('or killed in an edit that is applied late leaves what its successor puts right again', async () => {
    scene.outside.edit = ['hang'];
    await editLate(() => Promise.resolve());
  });

  it('edits late while another run has the lease, and is put right again after that', async () => {
    await run();
    await want(2);
    scene.outside.edit = ['hang'];
    const stopped = run();
    await expect.poll(() => scene.outside.edit.length).toBe(0);
    // Its successor does the work and confirms it; then more is wanted.
    for (const seconds of [61, 31]) {
      await pass(seconds);
      await run();
    }
    expect(await effect()).toMatchObject({ appliedRevision: 2, confirmAt: null, due: false });
    await want(3);
    const next = runEffect(
      testEngine(scene.database, {
        ...scene.outside.reconciler,
        update: async (one, call) => {
          const updated = await scene.outside.reconciler.update(one, call);
          scene.outside.release();
          expect((await stopped).outcome).toBe('lost_lease');
          return updated;
        },
      }),
      scene.id,
    );
    expect((await next).outcome).toBe('updated');
    expect(scene.outside.shown).toBe(2);
    await run();
    expect(scene.outside.shown).toBe(3);
    expect(await effect()).toMatchObject({ appliedRevision: 3, confirmAt: null, due: false });
  });

  it('leaves a message that shows the link of its ticket at once, not when it is confirmed', async () => {
    await run();
    await want(2);
    scene.outside.edit = ['hang'];
    const killed = run();
    await expect.poll(() => scene.outside.edit.length).toBe(0);
    await pass(61);
    await run();
    const [row] = await scene.database.query<{ of: string }>('SELECT deployment_id AS of FROM effects WHERE id = $1', [scene.id]);
    await scene.database.transaction((uow) => showTicketInMessage(uow, row?.of ?? ''));
    expect(await effect()).toMatchObject({ appliedRevision: 0, due: true });
    scene.outside.release();
    await killed;
  });

  it('edits nothing that could outlive its lease', async () => {
    await run();
    await want(2);
    await run();
    expect(scene.outside.editableMs).toBeLessThanOrEqual(50_000);
  });

  it('sends nothing when its lease would not outlive the request', async () => {
    const engine = { ...testEngine(scene.database, scene.outside.reconciler), leaseMs: 5_000 };
    expect((await runEffect(engine, scene.id)).outcome).toBe('lost_lease');
    expect(scene.outside.created).toHaveLength(0);
  });
});
