import type { Database } from '@deptracker/store';
import { createLogger, createMetrics } from '@deptracker/runtime';
import { expect, it } from 'vitest';
import { createEffectRunner } from '../dist/effect-runner.js';
import { engineMetrics } from '../dist/engine-metrics.js';
import { effectScene } from './effect-scene.js';
import { testEngine } from './outside.js';

const scene = effectScene();
const logger = createLogger({ level: 'error', service: 'test', instance: 'test' });

/** A runner whose runs are told of right after their last commit, before they have come to their end. */
function runnerWith(afterCommit: () => Promise<void>, signal = new AbortController().signal) {
  const { database: own, outside } = scene;
  const database: Database = {
    ...own,
    transaction: async (work) => {
      const answer = await own.transaction(work);
      await afterCommit();
      return answer;
    },
  };
  return createEffectRunner({ ...testEngine(database, outside.reconciler), signal, concurrency: 4 }, engineMetrics(createMetrics({ service: 'test' }).registry), logger);
}

it('runs an effect once more that was asked for between the last commit of its run and the end', async () => {
  let commits = 0;
  const runner = runnerWith(async () => {
    commits += 1;
    if (commits > 1) return;
    // Changed and queued by somebody who will not queue it again for long.
    await scene.want(2);
    expect(await runner.run(scene.id, 'again')).toMatchObject({ outcome: 'nothing' });
  });

  await runner.run(scene.id, 'first');
  await runner.settle();

  expect(scene.outside.created).toHaveLength(1);
  expect(scene.outside.shown).toBe(2);
  expect(await scene.effect()).toMatchObject({ appliedRevision: 2, due: false });
  expect([runner.running(), runner.isRunning(scene.id)]).toEqual([0, false]);
});

it('runs it no more than once for however often it was asked for meanwhile', async () => {
  let runs = 0;
  const runner = runnerWith(async () => {
    runs += 1;
    await Promise.all([1, 2, 3].map(() => runner.run(scene.id, 'again')));
  });

  await runner.run(scene.id, 'first');
  await runner.settle();

  // The second run finds nothing to do.
  expect([runs, scene.outside.created.length, scene.outside.edits]).toEqual([1, 1, 0]);
});

it('tells what the run came to that did the work, not the one after it that found nothing', async () => {
  scene.outside.create = ['row_fault'];
  const runner = runnerWith(async () => {
    await runner.run(scene.id, 'again');
  });

  expect(await runner.run(scene.id, 'first')).toMatchObject({ outcome: 'failed', error: expect.stringContaining('bad row') as string });
});

it('runs nothing once more when the process ends', async () => {
  const end = new AbortController();
  const runner = runnerWith(async () => {
    await scene.want(2);
    await runner.run(scene.id, 'again');
    end.abort();
  }, end.signal);

  await runner.run(scene.id, 'first');

  expect([scene.outside.created.length, scene.outside.edits]).toEqual([1, 0]);
  expect(await scene.effect()).toMatchObject({ due: true });
});
