import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../packages/application/test/support/effects.js';
import { useBench } from './bench.js';

const bench = useBench();

/** The story of a deployment as its thread tells it. */
async function story(id: string): Promise<(string | undefined)[]> {
  const texts = await bench().replies((await bench().message(id)).ts);
  return texts.map((text) => /Approved|Rollout started|Succeeded/.exec(text)?.[0]);
}

const WHOLE = ['Approved', 'Rollout started', 'Succeeded'];

describe('replies', () => {
  it('come in the order of events', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await deployer.finish(id);
    await bench().settled();
    expect(await story(id)).toEqual(WHOLE);
  });

  it.each([
    ['refused for a moment', { kind: 'error', status: 500, times: 1 }],
    ['asked to be patient', { kind: 'rate_limit', retryAfter: 1, times: 1 }],
    ['posted without an answer', { kind: 'drop_after', times: 1 }],
    ['refused as its own fault', { kind: 'error', error: 'invalid_arguments', times: 1 }],
  ])('keep their order, each once, when the first is %s', async (_title, fault) => {
    const { deployer, sandbox } = bench();
    const id = await deployer.create();
    await bench().settled();
    await sandbox.faults({ method: 'slack.chat.postMessage', ...fault });
    await deployer.finish(id);
    await bench().settled();
    expect(await story(id)).toEqual(WHOLE);
  });

  it('wait for a message whose post was lost, and go into its thread', async () => {
    const { deployer, sandbox } = bench();
    await sandbox.faults({ method: 'slack.chat.postMessage', kind: 'drop_after', times: 1 });
    const id = await deployer.create();
    await deployer.finish(id);
    await bench().settled();
    expect(await story(id)).toEqual(WHOLE);
    expect((await effectsOf(bench().database, id, 'slack.reply')).map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
  });
});
