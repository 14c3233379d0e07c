import { waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from './fleet.js';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.start();
});

afterAll(async () => {
  await fleet.stop();
});

interface Shown {
  readonly status: string;
  readonly revision: number;
  readonly approval: { readonly status: string; readonly decisions: readonly { actor: string; decision: string }[] };
  readonly ticket: { readonly key: string; readonly status: string | null } | null;
}

const read = async (id: string): Promise<Shown> => (await fleet.request<Shown>('GET', `/api/deployments/${id}`)).body;

async function textsOf(id: string): Promise<{ face: string | undefined; replies: string[] }> {
  const ts = await fleet.messageTs(id);
  const edits = (await fleet.applied('message.updated')).filter(({ summary }) => summary.ts === ts);
  const posts = (await fleet.applied('message.posted')).filter(({ summary }) => summary.threadTs === ts);
  return { face: edits.at(-1)?.summary.text, replies: posts.map(({ summary }) => summary.text ?? '') };
}

/** A whole life, each step settled before the next: nothing is saved by two steps in one edit. */
async function live(version: string, key: string): Promise<void> {
  const id = await fleet.post({ version }, key);
  await fleet.settled(20_000);
  await fleet.click(id, 'deptracker_approve', 'U0ALICE');
  await fleet.settled(20_000);
  for (const status of ['in_progress', 'succeeded']) {
    await fleet.request('PUT', `/api/deployments/${id}`, { status });
    await fleet.settled(20_000);
  }
}

describe('a deployment', () => {
  it('goes from the post over the click to a finished ticket and message', async () => {
    const id = await fleet.post({ version: '1.4.0' }, 'main-job');
    const created = await waitFor(async () => (await read(id)).ticket, { what: 'the ticket' });
    expect(created.key).toMatch(/^OPS-\d+$/);

    expect(await fleet.click(id, 'deptracker_approve', 'U0ALICE')).toMatchObject({ body: { status: 200 } });
    expect(await read(id)).toMatchObject({
      status: 'approved',
      approval: { status: 'approved', decisions: [{ actor: 'alice@example.com', decision: 'approve' }] },
    });
    await waitFor(async () => (await read(id)).ticket?.status === 'In Progress', { what: 'the ticket in progress' });

    for (const status of ['in_progress', 'succeeded']) {
      expect((await fleet.request('PUT', `/api/deployments/${id}`, { status })).status).toBe(200);
    }
    await fleet.settled(20_000);
    expect((await read(id)).ticket?.status).toBe('Done');
    const { face, replies } = await textsOf(id);
    expect(face).toMatch(/succeeded/i);
    expect(replies.map((text) => /approved|started|succeeded/i.exec(text)?.[0].toLowerCase())).toEqual(['approved', 'started', 'succeeded']);
  });

  it('shows the ticket in its message before anybody decides', async () => {
    const id = await fleet.post({ version: '1.4.1' }, 'ticket-link');
    await fleet.settled(20_000);
    const { ticket } = await read(id);
    expect(await fleet.state()).toContain(`|${ticket?.key ?? 'no ticket'}>`);
  });

  it('cannot be decided by its requester, and the person is told in private', async () => {
    const id = await fleet.post({ version: '1.5.0', requestedBy: 'alice@example.com' }, 'own');
    expect(await fleet.click(id, 'deptracker_approve', 'U0ALICE')).toMatchObject({ body: { status: 200 } });
    const told = await waitFor(async () => (await fleet.applied('ephemeral.posted')).find(({ summary }) => summary.user === 'U0ALICE'));
    expect(told.summary.text).toMatch(/requested/i);
    expect((await read(id)).approval).toMatchObject({ status: 'pending', decisions: [] });
  });

  it('that was rejected says why, tells who comes late, and its ticket is closed', async () => {
    const id = await fleet.post({ version: '1.6.0' }, 'late');
    expect(await fleet.reject(id, 'U0BOB', 'not on a Friday')).toMatchObject({ body: { status: 200, modal: 'closed' } });
    await fleet.click(id, 'deptracker_approve', 'U0ALICE');
    const late = await waitFor(async () =>
      (await fleet.applied('ephemeral.posted')).find(({ summary }) => /already/i.test(summary.text ?? '')),
    );
    expect(late.summary.text).toMatch(/bob@example\.com/);
    await fleet.settled(20_000);
    expect(await read(id)).toMatchObject({ status: 'rejected', ticket: { status: 'Done' } });
    expect((await textsOf(id)).replies).toEqual([expect.stringMatching(/bob@example\.com.*not on a Friday/)]);
  });

  it('is not decided by a Reject whose form Slack is too slow to open, and the person is told', async () => {
    const id = await fleet.post({ version: '1.6.2' }, 'slow-form');
    await fleet.messageTs(id);
    await fleet.faults([{ method: 'slack.views.open', latencyMs: 5_000 }]);
    expect(await fleet.click(id, 'deptracker_reject', 'U0FRANK')).toMatchObject({ body: { status: 200 } });
    const told = await waitFor(async () => (await fleet.applied('ephemeral.posted')).find(({ summary }) => summary.user === 'U0FRANK'));
    expect(told.summary.text).toContain('press Reject again');
    await fleet.faults([]);
    expect(await read(id)).toMatchObject({ status: 'pending', approval: { decisions: [] } });
    expect(await fleet.reject(id, 'U0FRANK', '')).toMatchObject({ body: { status: 200, modal: 'closed' } });
  });

  it('waits in the Home of who may decide, and can be approved there', async () => {
    const id = await fleet.post({ version: '1.6.1' }, 'home');
    const homeOf = async (user: string): Promise<string> => {
      const { homes } = JSON.parse(await fleet.state()) as { homes: { user: string; blocks: object[] }[] };
      return JSON.stringify(homes.find((home) => home.user === user)?.blocks ?? []);
    };
    await fleet.act('/_home', { user: 'U0DAVE' });
    await waitFor(async () => (await homeOf('U0DAVE')).includes(id), { what: 'the approval in Home' });
    expect(await fleet.act('/_click', { home: true, action_id: 'deptracker_approve', value: id, user: 'U0DAVE' })).toMatchObject({ body: { status: 200 } });
    await waitFor(async () => !(await homeOf('U0DAVE')).includes(id), { what: 'Home without it' });
    expect(await read(id)).toMatchObject({ status: 'approved', approval: { decisions: [{ actor: 'dave@example.com' }] } });
  });

  it('is found by a slash command, which answers its sender alone', async () => {
    await fleet.post({ project: 'asked-for', version: '5.5.5' }, 'command');
    expect(await fleet.act('/_command', { line: '/deployments asked-for', user: 'U0ERIN' })).toMatchObject({ body: { status: 200 } });
    const [told] = (await fleet.applied('ephemeral.posted')).filter(({ summary }) => summary.user === 'U0ERIN');
    expect(told?.summary.text).toBe('Latest deployments of asked-for');
    expect(await fleet.state()).toContain('*asked-for* 5.5.5');
  });

  it('that needs no approval is told of in digests', async () => {
    await fleet.pool.query(`INSERT INTO environments (name, approvals_required) VALUES ('staging', 0)`);
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, index) => fleet.post({ environment: 'staging', version: `2.0.${index}` }, `staging-${index}`)),
    );
    await Promise.all(ids.map((id) => fleet.request('PUT', `/api/deployments/${id}`, { status: 'in_progress' })));
    await fleet.settled(20_000);
    const { rows } = await fleet.pool.query<{ notices: number; digests: number }>(
      `SELECT count(*) FILTER (WHERE kind = 'slack.notice' AND phase = 'sent')::int AS notices,
         count(*) FILTER (WHERE kind = 'slack.digest' AND phase = 'sent')::int AS digests FROM effects`,
    );
    expect(rows[0]?.notices).toBe(16);
    expect(rows[0]?.digests).toBeLessThan(16);
    expect(await fleet.postedEffects('digest')).toHaveLength(rows[0]?.digests ?? 0);
  });

  it('that nobody decides in time expires, and one that never ends times out', async () => {
    const waiting = await fleet.post({ version: '1.7.0' }, 'expires');
    const running = await fleet.post({ environment: 'staging', version: '2.1.0' }, 'times-out');
    await fleet.request('PUT', `/api/deployments/${running}`, { status: 'in_progress' });
    await fleet.pool.query(`UPDATE deployments SET limit_at = now(), approval_expires_at = now() WHERE id = $1`, [waiting]);
    await fleet.pool.query(`UPDATE deployments SET limit_at = now(), timeout_s = 0 WHERE id = $1`, [running]);
    await waitFor(async () => (await read(waiting)).status === 'expired', { what: 'expiry' });
    await waitFor(async () => (await read(running)).status === 'timed_out', { what: 'the time-out' });
    await fleet.settled(20_000);
    expect((await read(waiting)).ticket?.status).toBe('Done');
  });

  it('costs few calls to the vendors over its whole life', async () => {
    // The first one teaches the worker the workflow.
    await live('1.8.0', 'first-life');
    const before = await fleet.calls();
    await live('1.8.1', 'second-life');
    const after = await fleet.calls();
    const spent = (prefix: string): number =>
      Object.entries(after)
        .filter(([name]) => name.startsWith(prefix))
        .reduce((sum, [name, count]) => sum + count - (before[name] ?? 0), 0);
    // Create, the decision into the description, into progress, done.
    expect(spent('jira.')).toBeLessThanOrEqual(4);
    // Post, the ticket's link, three changes of its face, three replies.
    expect(spent('slack.')).toBeLessThanOrEqual(8);
  });
});
