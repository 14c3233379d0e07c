import { waitFor } from '@deptracker/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { Fleet } from './fleet.js';

let fleet: Fleet | null = null;

afterEach(async () => {
  await fleet?.stop();
  fleet = null;
});

interface Job {
  readonly id: string;
  readonly state: string;
  readonly phase: string;
}

async function jobIn(target: Fleet, deployment: string, query: string): Promise<Job> {
  return waitFor(
    async () => (await target.request<{ data: Job[] }>('GET', `/api/jobs?deployment=${deployment}&${query}`)).body.data[0],
    { timeoutMs: 40_000, what: `a job with ${query}` },
  );
}

const act = (target: Fleet, id: string, what: string, body: object) =>
  target.request<Job>('POST', `/api/jobs/${id}/${what}`, body, { 'x-actor': 'ann@example.com' });

describe('a ticket that was created although nobody could learn of it', () => {
  it('is adopted when its held job is replayed, and no second one is created', async () => {
    const target = (fleet = await Fleet.start());
    // The first request is applied and its answer lost, the second never arrives, and the search sees neither.
    await fleet.faults([
      { method: 'jira.createIssue', kind: 'drop_after', times: 1 },
      { method: 'jira.createIssue', kind: 'reset' },
      { method: 'jira.search', searchLagMs: 600_000 },
    ]);
    const deployment = await fleet.post({}, 'held');
    const { id } = await jobIn(fleet, deployment, 'state=held&kind=jira.ticket');
    await fleet.faults([]);
    const answers = await Promise.all([1, 2, 3].map(() => act(target, id, 'replay', { reason: 'Jira is well again' })));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    await fleet.settled(30_000);
    expect(await fleet.ticketLabels()).toEqual([`dep-${deployment}`]);
    const { body } = await fleet.request<{ history: unknown[] }>('GET', `/api/jobs/${id}`);
    expect(body.history).toMatchObject([{ action: 'replayed', actor: 'ann@example.com', state: 'held' }]);
  });
});

describe('a job that is dead', () => {
  it('is sent when it is replayed after its cause is mended, within a second or two', async () => {
    fleet = await Fleet.start({ SLACK_RETRY_ATTEMPTS: '1' });
    await fleet.faults([{ method: 'slack.chat.postMessage', kind: 'error', error: 'not_in_channel' }]);
    const deployment = await fleet.post({}, 'dead');
    const { id } = await jobIn(fleet, deployment, 'state=dead&kind=slack.approval');
    await fleet.faults([]);
    expect((await act(fleet, id, 'replay', {})).body.state).toBe('due');
    await fleet.settled(30_000);
    expect(await fleet.postedEffects('approval')).toEqual([id]);
  });

  it('stays silent when it is discarded, with the replies that would follow it, and health is well again', async () => {
    fleet = await Fleet.start({ SLACK_RETRY_ATTEMPTS: '1' });
    const target = fleet;
    await target.faults([{ method: 'slack.chat.postMessage', kind: 'error', error: 'channel_not_found' }]);
    const deployment = await target.post({}, 'discarded');
    const { id } = await jobIn(target, deployment, 'state=dead&kind=slack.approval');
    await act(target, id, 'discard', { reason: 'the channel is gone' });
    await target.faults([]);
    await target.request('PUT', `/api/deployments/${deployment}/approval`, { decision: 'approve', approver: 'bob@example.com' });
    await jobIn(target, deployment, 'state=discarded&kind=slack.reply');
    const components = async () => (await target.request<{ components: Record<string, string> }>('GET', '/health')).body.components;
    await waitFor(async () => (await components())['effects'] === 'up', { timeoutMs: 30_000, what: 'effects without trouble' });
    expect(await target.postedEffects('approval')).toEqual([]);
    expect(await target.postedEffects('reply')).toEqual([]);
  });
});
