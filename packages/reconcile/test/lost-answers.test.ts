import { learnExternalId, replayEffect } from '@deptracker/store';
import { describe, expect, it } from 'vitest';
import { effectScene } from './effect-scene.js';

const scene = effectScene();
const { run, effect, pass, settle } = scene;

describe('a lost answer', () => {
  it('is looked up and never blindly repeated', async () => {
    scene.outside.create = ['lost_after_applying'];
    expect((await run()).outcome).toBe('unknown');
    expect((await run()).outcome).toBe('nothing');
    await pass(4);
    expect((await run()).outcome).toBe('sent');
    expect(scene.outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', sends: 1 });
  });

  it('is sent once more after a whole quiet schedule, and then held for a person', async () => {
    scene.outside.create = ['lost_before_applying', 'lost_before_applying'];
    await settle();
    expect(await effect()).toMatchObject({ phase: 'held', sends: 2 });
    expect(scene.outside.created).toHaveLength(0);
    expect(scene.outside.lookups).toBeGreaterThanOrEqual(6);
  });

  it('ends with one when the first request was never applied', async () => {
    scene.outside.create = ['lost_before_applying', 'ok'];
    await settle();
    expect(scene.outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', sends: 2 });
  });

  it('does not count a look-up that failed as quiet', async () => {
    scene.outside.create = ['lost_after_applying'];
    scene.outside.find = ['refused', 'refused', 'refused', 'refused', 'refused', 'refused'];
    await run();
    await pass(40);
    for (let round = 0; round < 6; round += 1) {
      await run();
      await pass(1_000);
    }
    expect(await effect()).toMatchObject({ phase: 'unknown', sends: 1 });
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent' });
    expect(scene.outside.created).toHaveLength(1);
  });

  it('leaves one standing when a lagging search shows the first only after the second was sent', async () => {
    scene.outside.create = ['lost_after_applying', 'ok'];
    scene.outside.hidden.add('1');
    for (let round = 0; round < 12 && scene.outside.created.length < 2; round += 1) {
      await run();
      await pass(5);
    }
    expect(scene.outside.created).toHaveLength(2);
    scene.outside.hidden.clear();
    await pass(901);
    await run();
    await run();
    expect(scene.outside.deleted).toEqual(['1']);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2', extraIds: [] });
  });
});

describe('a held row that a person replays', () => {
  const replay = () => replayEffect(scene.database, { id: scene.id, actor: null, reason: null, requestId: null }, 0);
  const hold = async (...create: typeof scene.outside.create): Promise<void> => {
    scene.outside.create = create;
    scene.outside.hidden.add('1');
    await settle();
    expect(await effect()).toMatchObject({ phase: 'held', sends: 2 });
    await pass(60);
  };

  it('is looked for first, and what stands is adopted', async () => {
    await hold('lost_after_applying', 'lost_before_applying');
    scene.outside.hidden.clear();
    await replay();
    expect((await run()).outcome).toBe('sent');
    await run();
    expect(scene.outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1' });
  });

  it('is sent once more only after quiet look-ups, and a duplicate that shows up later is closed', async () => {
    await hold('lost_after_applying', 'lost_before_applying', 'ok');
    const { lookups } = scene.outside;
    await replay();
    await run();
    expect([scene.outside.created.length, scene.outside.lookups]).toEqual([1, lookups + 1]);
    await settle();
    expect(scene.outside.lookups).toBeGreaterThanOrEqual(lookups + 2);
    expect(scene.outside.created).toHaveLength(2);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '2', sends: 3 });
    scene.outside.hidden.clear();
    await pass(901);
    await run();
    await run();
    expect(scene.outside.deleted).toEqual(['1']);
  });

  it('is held again when that answer is lost too', async () => {
    await hold('lost_before_applying', 'lost_before_applying', 'lost_before_applying');
    await replay();
    await run();
    await settle();
    expect(await effect()).toMatchObject({ phase: 'held', sends: 3 });
    expect(scene.outside.create).toEqual([]);
  });
});

describe('what somebody else has learned', () => {
  it('during a look-up that finds nothing is kept: nothing is sent again', async () => {
    scene.outside.create = ['lost_before_applying'];
    await run();
    await pass(60);
    scene.outside.find = ['hang'];
    const looking = run();
    await expect.poll(() => scene.outside.lookups).toBe(1);
    await scene.database.transaction((uow) => learnExternalId(uow, scene.id, 'seen-by-a-click'));
    scene.outside.release();
    await looking;
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: 'seen-by-a-click', due: true });
    await run();
    expect(scene.outside.created).toHaveLength(0);
    expect(scene.outside.edits).toBe(1);
  });
});
