import { waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from './fleet.js';

interface Ticket {
  readonly id: string;
  readonly deploymentId: string | null;
  readonly key: string | null;
  readonly status: string | null;
  readonly phase: string;
  readonly assignee: { readonly displayName: string } | null;
  readonly resolution: string | null;
}

let fleet: Fleet;

beforeAll(async () => {
  // Nothing is looked up while these tests run: what is settled, the webhook has settled.
  fleet = await Fleet.start({ JIRA_WEBHOOK_SECRET: 'e2e-webhook-secret', JIRA_LOOKUP_DELAYS_S: '300,600' });
}, 60_000);
afterAll(() => fleet.stop());

const ticketOf = async (deploymentId: string): Promise<Ticket | undefined> =>
  (await fleet.request<{ data: Ticket[] }>('GET', `/api/jira-tickets?deployment=${deploymentId}`)).body.data[0];

/** What a person does to a ticket on the sandbox's page. */
async function deal(body: object): Promise<void> {
  const response = await fetch(`${fleet.sandbox}/_issue`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
}

const standing = (deploymentId: string): Promise<Ticket> =>
  waitFor(async () => {
    const ticket = await ticketOf(deploymentId);
    return ticket?.phase === 'sent' && ticket.key !== null && ticket;
  }, { timeoutMs: 20_000, what: 'the ticket to stand' });

describe('Jira\'s webhook', () => {
  it('settles creates whose answers are lost, and every ticket stands once', async () => {
    await fleet.faults([
      { method: 'jira.createIssue', kind: 'drop_after' },
      // Some news is repeated, some comes late and is overtaken.
      { method: 'jira.webhook', kind: 'drop_after', every: 3 },
      { method: 'jira.webhook', latencyMs: 300, every: 2 },
    ]);
    const deployments = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => fleet.post({ version: `1.0.${n}` }, `lost-${n}`)));
    const own = await Promise.all(
      [1, 2, 3].map(async (n) => (await fleet.request<Ticket>('POST', '/api/jira-tickets', { summary: `Own ${n}` }, { 'idempotency-key': `own-${n}` })).body.id),
    );
    await fleet.settled(30_000);
    await fleet.faults([]);
    expect(await fleet.ticketLabels()).toEqual([...deployments, ...own].map((id) => `dep-${id}`).sort());
    expect((await fleet.calls())['jira.search'] ?? 0).toBe(0);
    for (const id of own) expect((await fleet.request<Ticket>('GET', `/api/jira-tickets/${id}`)).body).toMatchObject({ phase: 'sent', key: expect.stringMatching(/^OPS-/) as string });
  }, 60_000);

  it('shows what people do with a ticket, also where the API was away when it was told', async () => {
    const id = await fleet.post({ version: '2.0.0' }, 'by-hand');
    const { key } = await standing(id);
    await deal({ key, assign: 'U0BOB' });
    await fleet.processes.get('api')?.kill('SIGKILL');
    await deal({ key, transition: 'Done' });
    await fleet.start('api');
    const seen = await waitFor(async () => {
      const ticket = await ticketOf(id);
      return ticket?.status === 'Done' && ticket;
    }, { timeoutMs: 30_000, what: 'the status to be shown' });
    expect(seen).toMatchObject({ assignee: { displayName: 'Bob' }, resolution: 'Done' });
    expect((await fleet.request<{ ticket: Ticket }>('GET', `/api/deployments/${id}`)).body.ticket.status).toBe('Done');
  }, 60_000);

  it('says of a ticket that it was deleted, and none takes its place until somebody asks', async () => {
    const id = await fleet.post({ version: '3.0.0' }, 'deleted');
    const { key } = await standing(id);
    await deal({ key, delete: true });
    await waitFor(async () => (await ticketOf(id))?.status === 'deleted', { timeoutMs: 20_000, what: 'the deletion to be shown' });
    await fleet.click(id, 'deptracker_approve', 'U0ALICE');
    await fleet.settled(20_000);
    expect((await fleet.ticketLabels()).filter((label) => label === `dep-${id}`)).toHaveLength(1);
    expect((await fleet.request('POST', '/api/jira-tickets', { deploymentId: id })).status).toBe(201);
    const anew = await standing(id);
    expect(anew.key).not.toBe(key);
    // It is brought to where its deployment is.
    await waitFor(async () => (await ticketOf(id))?.status === 'In Progress', { timeoutMs: 20_000, what: 'the new ticket to move' });
  }, 60_000);
});
