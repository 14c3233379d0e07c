import { saveTicket, showTicketInMessage } from '@deptracker/store';
import { describe, expect, it } from 'vitest';
import { CHANNEL } from '../../../packages/application/test/support/deployer.js';
import { effectOf, effectsOf } from '../../../packages/application/test/support/effects.js';
import { useBench } from './bench.js';

const bench = useBench({}, { policy: { approvalsRequired: 2 } });

const hasButtons = ({ blocks = [] }: { readonly blocks?: readonly { readonly type: string }[] }): boolean =>
  blocks.some(({ type }) => type === 'actions');

/** How often the message at `ts` was edited. */
async function edits(ts: string): Promise<number> {
  return (await bench().sandbox.applied('message.updated')).filter(({ summary }) => summary.ts === ts).length;
}

describe('an approval message', () => {
  it('is edited in place for each change, and its buttons go with the decision', async () => {
    const { deployer } = bench();
    const id = await deployer.create({ version: '3.0.0' });
    await bench().settled();
    const posted = await bench().message(id);
    expect(posted.text).toMatch(/Waiting for approval: user-service 3\.0\.0 → production/);
    expect(hasButtons(posted)).toBe(true);

    await deployer.decide(id, 'approve', 'alice@example.com');
    await bench().settled();
    const half = await bench().message(id);
    expect(JSON.stringify(half.blocks)).toMatch(/1 of 2 approvals.*alice@example\.com approved/);
    expect(hasButtons(half)).toBe(true);

    await deployer.decide(id, 'approve', 'bob@example.com', 'go');
    await bench().settled();
    const decided = await bench().message(id);
    expect(decided.text).toMatch(/Approved/);
    expect(JSON.stringify(decided.blocks)).toMatch(/bob@example\.com approved “go”/);
    expect(hasButtons(decided)).toBe(false);

    await deployer.update(id, 'in_progress');
    await bench().settled();
    await deployer.update(id, 'succeeded');
    await bench().settled();
    const over = await bench().message(id);
    expect(over).toMatchObject({ ts: posted.ts, metadata: posted.metadata });
    expect(over.text).toMatch(/Succeeded/);
    expect(await edits(posted.ts)).toBe(4);
    expect(await bench().replies(posted.ts)).toHaveLength(3);
  });

  it('of a rejected deployment has no buttons and says why', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    await deployer.decide(id, 'reject', 'bob@example.com', 'not today');
    await bench().settled();
    const message = await bench().message(id);
    expect(hasButtons(message)).toBe(false);
    expect(await bench().replies(message.ts)).toEqual([expect.stringMatching(/Rejected by bob@example\.com: not today/)]);
  });

  it('that was decided before it could be posted is posted once, as it is by then', async () => {
    const { deployer } = bench();
    await bench().stopWorker();
    const id = await deployer.create();
    await deployer.decide(id, 'reject');
    await bench().startWorker();
    await bench().settled();
    const message = await bench().message(id);
    expect(message.text).toMatch(/Rejected/);
    expect(hasButtons(message)).toBe(false);
    expect(await edits(message.ts)).toBe(0);
    expect(await bench().replies(message.ts)).toHaveLength(1);
  });

  it('is not touched where nothing that it shows has changed', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    await deployer.update(id, null, { metadata: { build: 8 } });
    await bench().settled();
    expect(await edits((await bench().message(id)).ts)).toBe(0);
  });

  it('gets the link of its ticket once there is one', async () => {
    const { deployer, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    const url = 'https://example.atlassian.net/browse/OPS-7';
    await database.transaction(async (uow) => {
      await saveTicket(uow, id, (await effectOf(uow as never, id, 'jira.ticket')).id, { issueId: '10007', key: 'OPS-7', url });
      await showTicketInMessage(uow, id);
    });
    await bench().settled();
    const message = await bench().message(id);
    expect(JSON.stringify(message.blocks)).toContain(`<${url}|OPS-7>`);
    expect(hasButtons(message)).toBe(true);
  });

  it('and its replies never let text ping anybody', async () => {
    const { deployer, sandbox } = bench();
    const hostile = '<!channel> <@U0ALICE> & <https://evil.example|click>';
    const id = await deployer.create({ project: hostile, version: hostile, ref: hostile, description: hostile, requestedBy: hostile });
    await deployer.decide(id, 'reject', 'bob@example.com', hostile);
    await bench().settled();
    const message = await bench().message(id);
    const shown = JSON.stringify([message.blocks, await bench().replies(message.ts), await sandbox.applied('message.posted')]);
    expect(shown).not.toMatch(/<!channel>|<@U0ALICE>|<https:\/\/evil/);
    expect(shown).toContain('&lt;!channel&gt;');
  });
});

describe('an approval message that was deleted in Slack by hand', () => {
  it('is posted anew once, and what follows is told in its thread', async () => {
    const { deployer, sandbox, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    const first = await bench().message(id);
    await sandbox.slack('chat.delete', { channel: CHANNEL, ts: first.ts });
    await deployer.decide(id, 'reject');
    await bench().settled();
    const anew = await bench().message(id);
    expect(anew.ts).not.toBe(first.ts);
    expect(anew.text).toMatch(/Rejected/);
    expect(await bench().replies(anew.ts)).toHaveLength(1);
    const posted = (await sandbox.applied('message.posted')).filter(
      ({ summary }) => summary.metadata?.event_payload.effect_id === anew.metadata?.event_payload.effect_id,
    );
    expect(posted).toHaveLength(2);
    const [known] = await database.query(`SELECT ts FROM slack_messages WHERE deployment_id = $1 AND kind = 'slack.approval'`, [id]);
    expect(known).toEqual({ ts: anew.ts });
  });
});

describe('an approval message that Slack does not let be edited', () => {
  it.each(['cant_update_message', 'edit_window_closed'])('(%s) is left alone, and its thread goes on', async (error) => {
    const { deployer, sandbox, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    await sandbox.faults({ method: 'slack.chat.update', kind: 'error', error });
    const before = await sandbox.calls('slack.chat.update');
    await deployer.decide(id, 'reject');
    await bench().settled();
    expect(await sandbox.calls('slack.chat.update')).toBe(before + 1);
    expect(await effectsOf(database, id, 'slack.approval')).toMatchObject([{ phase: 'sent', attempts: 0, due: false }]);
    expect(await bench().replies((await bench().message(id)).ts)).toHaveLength(1);
  });
});
