import { waitFor } from '@deptracker/testkit';
import { describe, expect, it } from 'vitest';
import { CHANNEL } from '../../../packages/application/test/support/deployer.js';
import { type EffectRow, effectOf } from '../../../packages/application/test/support/effects.js';
import { useBench } from './bench.js';

const bench = useBench({ SLACK_RETRY_ATTEMPTS: '2' });

const inPhase = (id: string, phase: string): Promise<EffectRow> =>
  waitFor(async () => {
    const row = await effectOf(bench().database, id, 'slack.approval');
    return row.phase === phase && row;
  }, { timeoutMs: 20_000, what: `the message to be ${phase}` });

describe('Slack that asks for patience or is away', () => {
  it.each([
    ['429 with Retry-After', { kind: 'rate_limit', retryAfter: 1, times: 1 }],
    ['503', { kind: 'error', status: 503, times: 1 }],
    ['internal_error although it was posted', { kind: 'error', error: 'internal_error', applied: true, times: 1 }],
    ['a page although it was posted', { kind: 'garbage', applied: true, times: 1 }],
    ['a reset', { kind: 'reset', times: 1 }],
    ['missing_scope', { kind: 'error', error: 'missing_scope', times: 1 }],
  ])('with %s costs no attempt and shows one message', async (_title, fault) => {
    const { deployer, sandbox, database } = bench();
    await sandbox.faults({ method: 'slack.chat.postMessage', ...fault });
    const id = await deployer.create();
    await bench().settled();
    await bench().message(id);
    expect(await effectOf(database, id, 'slack.approval')).toMatchObject({ phase: 'sent', attempts: 0 });
  });
});

describe('an edit whose answer was lost', () => {
  it('and that Slack applies after a newer one does not stay: the newest face is shown in the end', async () => {
    const { deployer, sandbox, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    // Longer than a time-out, and than the newer edit takes.
    await sandbox.faults({ method: 'slack.chat.update', latencyMs: 2_500, times: 1 });
    const before = (await sandbox.applied('message.updated')).length;
    await deployer.update(id, null, { description: 'An older text' });
    await waitFor(async () => (await effectOf(database, id, 'slack.approval')).last_error !== null, { what: 'the time-out' });
    await deployer.decide(id, 'approve');
    await waitFor(async () => (await sandbox.applied('message.updated')).length >= before + 2, { timeoutMs: 20_000, what: 'the newer edit and the late one' });
    await waitFor(async () => (await bench().message(id)).text.includes('Approved'), { what: 'the newest face' });
  });
});

describe('a second message for the same approval', () => {
  it('is deleted, and the older one stands and is brought up to date', async () => {
    const { deployer, sandbox, database } = bench();
    await bench().stopWorker();
    const id = await deployer.create({ version: '4.0.0' });
    const { id: effectId } = await effectOf(database, id, 'slack.approval');
    const metadata = { event_type: 'deptracker_approval', event_payload: { effect_id: effectId } };
    const older = await sandbox.slack('chat.postMessage', { channel: CHANNEL, text: 'posted by a worker that died', metadata });
    await sandbox.faults({ method: 'slack.chat.postMessage', kind: 'drop_after', times: 1 });
    await bench().startWorker();
    await bench().settled();
    const standing = await bench().message(id);
    expect(standing.ts).toBe(older.ts);
    expect(standing.text).toMatch(/user-service 4\.0\.0/);
    expect(await sandbox.applied('message.deleted')).toHaveLength(1);
    await deployer.decide(id, 'reject');
    await bench().settled();
    expect((await bench().message(id)).text).toMatch(/Rejected/);
  });
});

// Leaves effects behind that never settle: last.
describe('a channel that the bot is not in', () => {
  it('leaves the message dead after its attempts, with the reason and without a post', async () => {
    const { deployer, sandbox } = bench();
    await sandbox.faults({ method: 'slack.chat.postMessage', kind: 'error', error: 'not_in_channel' });
    const before = await sandbox.calls('slack.chat.postMessage');
    const id = await deployer.create();
    const row = await inPhase(id, 'dead');
    expect(row).toMatchObject({ attempts: 2, sends: 0 });
    expect(row.last_error).toBe('slack: chat.postMessage: not_in_channel');
    expect(await sandbox.calls('slack.chat.postMessage')).toBe(before + 2);
  });

  it('leaves a lost post held for a person when it cannot be looked up, and never posts again', async () => {
    const { deployer, sandbox } = bench();
    await sandbox.faults(
      { method: 'slack.chat.postMessage', kind: 'drop_after', times: 1 },
      { method: 'slack.conversations.history', kind: 'error', error: 'not_in_channel' },
    );
    const before = await sandbox.calls('slack.chat.postMessage');
    const id = await deployer.create();
    const row = await inPhase(id, 'held');
    expect(row.last_error).toBe('slack: conversations.history: not_in_channel');
    expect(await sandbox.calls('slack.chat.postMessage')).toBe(before + 1);
  });

  it('leaves a reply dead where its message was never posted', async () => {
    const { deployer, sandbox, database } = bench();
    await sandbox.faults({ method: 'slack.chat.postMessage', kind: 'error', error: 'not_in_channel' });
    const id = await deployer.create();
    await inPhase(id, 'dead');
    await deployer.decide(id, 'reject');
    const reply = await waitFor(async () => {
      const row = await effectOf(database, id, 'slack.reply');
      return row.phase === 'dead' && row;
    });
    expect(reply.last_error).toMatch(/never posted/);
  });
});
