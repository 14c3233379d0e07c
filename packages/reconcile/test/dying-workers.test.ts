import { describe, expect, it } from 'vitest';
import { effectScene } from './effect-scene.js';

const scene = effectScene();
const { run, effect, pass } = scene;

describe('a worker that dies', () => {
  const die = async (): Promise<void> => {
    // The process is gone between the intent and the record: the row is as it was then.
    scene.outside.create = ['hang'];
    const gone = run();
    await expect.poll(() => scene.outside.created.length).toBe(1);
    await scene.database.query('UPDATE effects SET fence = fence + 1000 WHERE id = $1', [scene.id]);
    scene.outside.release();
    await gone;
    await scene.database.query(`UPDATE effects SET phase = 'sending', external_id = NULL, fence = 1 WHERE id = $1`, [scene.id]);
  };

  it('after the request leaves a row that is looked up, not sent again', async () => {
    await die();
    await pass(61);
    await run();
    expect(scene.outside.created).toHaveLength(1);
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', attempts: 0 });
  });

  it('during a look-up leaves it unknown', async () => {
    scene.outside.create = ['lost_after_applying'];
    await run();
    await pass(4);
    scene.outside.find = ['hang'];
    const gone = run();
    await expect.poll(() => scene.outside.lookups).toBe(1);
    expect(await effect()).toMatchObject({ phase: 'unknown', leased: true });
    await pass(61);
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1' });
    scene.outside.release();
    await gone;
    expect(scene.outside.created).toHaveLength(1);
  });

  it('five times in mid-effect does not use the effect up', async () => {
    await die();
    const gone: Promise<unknown>[] = [];
    for (let death = 1; death <= 5; death += 1) {
      await pass(61);
      scene.outside.find = ['hang'];
      gone.push(run());
      await expect.poll(() => scene.outside.lookups).toBe(death);
    }
    await pass(61);
    await run();
    expect(await effect()).toMatchObject({ phase: 'sent', externalId: '1', attempts: 0, sends: 1 });
    scene.outside.release();
    await Promise.all(gone);
    expect(scene.outside.created).toHaveLength(1);
  });
});

it('a worker that dies in the second request leaves what is looked for twice before it is held', async () => {
  scene.outside.create = ['lost_before_applying', 'hang'];
  scene.outside.hidden.add('1');
  const died = [];
  while (scene.outside.create.length > 0) {
    died.push(run());
    await Promise.race([died.at(-1), expect.poll(() => scene.outside.create.length).toBe(0)]);
    await pass(5);
  }
  await pass(3_600);
  await run();
  expect(await effect()).toMatchObject({ phase: 'unknown', sends: 2 });
  await pass(61);
  await run();
  expect(await effect()).toMatchObject({ phase: 'held', sends: 2 });
  scene.outside.release();
  await Promise.all(died);
});
