import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../packages/application/test/support/effects.js';
import { useBench } from './bench.js';

const bench = useBench({}, { policy: { approvalsRequired: 0 }, noticeDelayMs: 1_000 });

/** The digests that were ever posted and tell of one of these deployments. */
async function digestsOf(project: string): Promise<string[]> {
  const posted = await bench().sandbox.applied('message.posted');
  return posted
    .filter(({ summary }) => summary.metadata?.event_type === 'deptracker_digest' && (summary.text as string).includes(project))
    .map(({ summary }) => summary.text as string);
}

describe('notices', () => {
  it('that are due together become one digest, also when its answer is lost', async () => {
    const { deployer, sandbox, database } = bench();
    await sandbox.faults({ method: 'slack.chat.postMessage', kind: 'drop_after', times: 1 });
    const ids = [];
    for (const version of ['1', '2', '3']) ids.push(await deployer.create({ project: 'together', version }));
    await bench().settled();
    const [digest, ...others] = await digestsOf('together');
    expect(others).toEqual([]);
    expect(digest?.split('\n')).toHaveLength(3);
    for (const id of ids) expect(await effectsOf(database, id, 'slack.%')).toMatchObject([{ kind: 'slack.notice', phase: 'sent' }]);
    expect((await bench().channel()).filter(({ text }) => text === digest)).toHaveLength(1);
  });

  it('are all told, each once, over the life of a deployment', async () => {
    const { deployer } = bench();
    const id = await deployer.create({ project: 'alone' });
    await deployer.update(id, 'in_progress');
    await deployer.update(id, 'failed');
    await bench().settled();
    const lines = (await digestsOf('alone')).flatMap((text) => text.split('\n'));
    expect(lines.map((line) => /created|rollout started|failed/.exec(line)?.[0])).toEqual(['created', 'rollout started', 'failed']);
  });

  it('never let text ping anybody', async () => {
    const { deployer, sandbox } = bench();
    await deployer.create({ project: 'hostile', version: '<!here>', environment: '<!channel>' });
    await bench().settled();
    expect(await digestsOf('hostile')).toEqual([expect.stringContaining('&lt;!here&gt;')]);
    expect(JSON.stringify([await bench().channel(), await sandbox.applied('message.posted')])).not.toMatch(/<!(here|channel)/);
  });

  it('of a channel that the bot is not in are dead with their digest, with the reason', async () => {
    await bench().restartWorker({ SLACK_RETRY_ATTEMPTS: '1' });
    const { deployer, sandbox, database } = bench();
    await sandbox.faults({ method: 'slack.chat.postMessage', kind: 'error', error: 'not_in_channel' });
    const id = await deployer.create({ project: 'nowhere' });
    await expect.poll(() => effectsOf(database, id, 'slack.notice'), { timeout: 10_000 }).toMatchObject([
      { phase: 'dead', last_error: expect.stringContaining('not_in_channel') },
    ]);
  });
});
