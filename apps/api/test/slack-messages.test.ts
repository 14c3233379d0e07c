import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveMessage } from '@deptracker/store';
import { CHANNEL } from './support/slack-stub.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
let posted: string;
let waiting: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.database.query(`INSERT INTO environments (name, approvals_required) VALUES ('free', 0)`);
  waiting = (await api.create({ project: 'waiting' })).id as string;
  posted = (await api.create({ project: 'posted' })).id as string;
  const [effect] = await api.database.query<{ id: string }>(`UPDATE effects SET phase = 'sent', external_id = '1700000000.000100' WHERE deployment_id = $1 AND kind = 'slack.approval' RETURNING id`, [posted]);
  await saveMessage(api.database, { effectId: effect?.id ?? '', deploymentId: posted, kind: 'slack.approval', channelId: CHANNEL, ts: '1700000000.000100', contentHash: null });
  await api.create({ project: 'noticed', environment: 'free' });
  await api.database.query(`UPDATE effects SET phase = 'dead', last_error = 'slack: not_in_channel' WHERE kind = 'slack.notice'`);
});
afterAll(() => api.stop());

const list = async (query: string): Promise<Body> => (await api.call('GET', `/api/slack-messages${query}`)).body;
const kinds = async (query: string): Promise<string[]> => (await list(query)).data.map(({ kind }: Body) => kind);

describe('the list of messages', () => {
  it('shows what stands and what is still owed, and nothing of other vendors', async () => {
    const { data } = await list('');
    expect(data.map(({ kind }: Body) => kind)).toEqual(['slack.notice', 'slack.approval', 'slack.approval']);
    expect(data[1]).toMatchObject({ deploymentId: posted, channelId: CHANNEL, ts: '1700000000.000100', threadTs: null, phase: 'sent', postedAt: expect.stringMatching(/Z$/) as string });
    expect(data[2]).toMatchObject({ deploymentId: waiting, ts: null, phase: 'unsent', postedAt: null, lastError: null });
  });

  it('keeps to each filter, alone and together', async () => {
    expect(await kinds(`?deployment=${posted}`)).toEqual(['slack.approval']);
    expect(await kinds('?kind=slack.notice')).toEqual(['slack.notice']);
    expect(await kinds('?phase=dead')).toEqual(['slack.notice']);
    expect(await kinds('?phase=sent&kind=slack.notice')).toEqual([]);
    expect(await kinds('?phase=sent')).toEqual(['slack.approval']);
    expect(await kinds(`?channelId=${CHANNEL}`)).toHaveLength(3);
    expect(await kinds('?channelId=C0OTHER')).toEqual([]);
    expect(await kinds('?from=2999-01-01')).toEqual([]);
    expect(await kinds('?to=2999-01-01')).toHaveLength(3);
  });

  it('goes on page by page', async () => {
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.nextCursor as string}`);
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([2, 1, null]);
    expect(new Set([...first.data, ...second.data].map(({ id }: Body) => id)).size).toBe(3);
  });

  it.each(['kind=jira.ticket', 'phase=lost', 'deployment=x', 'from=2026-02-02&to=2026-02-01', 'cursor=x', 'ts=1'])('refuses %s', async (query) => {
    expect((await api.call('GET', `/api/slack-messages?${query}`)).status).toBe(400);
  });
});
