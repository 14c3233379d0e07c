import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@deptracker/testkit';
import { CHANNEL, TEAM, asForm, clickPayload, signed } from './support/slack-stub.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());
beforeEach(() => {
  api.slack.calls.length = 0;
  api.slack.failing.clear();
});

const read = async (id: string): Promise<Body> => (await api.call('GET', `/api/deployments/${id}`)).body;
const now = (): number => Math.floor(Date.now() / 1000);
const ephemerals = () => api.slack.calls.filter(({ method }) => method === 'chat.postEphemeral');

describe('a click', () => {
  it('approves and is acknowledged with an empty 200', async () => {
    const { id } = await api.create({ requestedBy: 'rita@example.com' });
    const { status, body } = await api.press(clickPayload({ deploymentId: id, user: 'UBOB' }));
    expect([status, body]).toEqual([200, '']);
    expect(await read(id)).toMatchObject({ status: 'approved', approval: { decisions: [{ actor: 'ubob@example.com', decision: 'approve' }] } });
  });

  it('counts under /api/v1 too', async () => {
    const { id } = await api.create();
    const body = asForm(clickPayload({ deploymentId: id }));
    expect((await api.call('POST', '/api/v1/slack/webhook', body, signed(body))).status).toBe(200);
    expect((await read(id)).status).toBe('approved');
  });

  it('that no Slack would send is refused as such, and changes nothing', async () => {
    const { id } = await api.create();
    const good = clickPayload({ deploymentId: id }) as unknown as Record<string, unknown> & { user: object; message: object };
    for (const odd of [
      { ...good, user: { ...good.user, id: 'U\u0000' } },
      { ...good, message: { ...good.message, ts: '1.\u0000' } },
    ]) {
      expect((await api.press(odd as never)).status).toBe(400);
    }
    expect((await read(id)).status).toBe('pending');
  });

  it('asks Slack once who somebody is', async () => {
    const [one, two] = [await api.create(), await api.create()];
    await api.press(clickPayload({ deploymentId: one.id, user: 'UONCE' }));
    await api.press(clickPayload({ deploymentId: two.id, user: 'UONCE' }));
    expect(api.slack.calls.filter(({ method }) => method === 'users.info')).toHaveLength(1);
  });

  it('counts for somebody without an address under the id of Slack', async () => {
    const { id } = await api.create();
    await api.press(clickPayload({ deploymentId: id, user: 'UNOMAIL1' }));
    expect((await read(id)).approval.decisions[0].actor).toBe(`slack:${TEAM}:UNOMAIL1`);
  });

  it('counts once, however often it is delivered', async () => {
    await api.database.query(`INSERT INTO environments (name, approvals_required) VALUES ('two', 2)`);
    const { id } = await api.create({ environment: 'two' });
    const payload = clickPayload({ deploymentId: id, user: 'UBOB', actionTs: '1700000099.1' });
    for (const answer of [await api.press(payload), await api.press(payload)]) expect(answer.status).toBe(200);
    expect(await read(id)).toMatchObject({ status: 'pending', approval: { decisions: [{ actor: 'ubob@example.com' }] } });
    expect(ephemerals()).toEqual([]);
  });

  it('of twenty people at once closes a quorum of two exactly once', async () => {
    await api.database.query(`INSERT INTO environments (name, approvals_required) VALUES ('crowd', 2)`);
    const { id } = await api.create({ environment: 'crowd', requestedBy: 'u3@example.com' });
    const clicks = Array.from({ length: 20 }, (_, n) => api.press(clickPayload({ deploymentId: id, user: `U${n}` })));
    expect(new Set((await Promise.all(clicks)).map(({ status }) => status))).toEqual(new Set([200]));
    const { approval, status } = await read(id);
    expect(status).toBe('approved');
    const actors = approval.decisions.map(({ actor }: { actor: string }) => actor);
    expect(new Set(actors).size).toBe(2);
    expect(actors).not.toContain('u3@example.com');
    const { body } = await api.call('GET', `/api/deployments/${id}/events`);
    expect(body.data.filter(({ type }: { type: string }) => type === 'deployment.approved')).toHaveLength(1);
    await waitFor(() => ephemerals().length === 18, { what: 'an explanation to each of the eighteen others' });
  });

  it('adopts the message that it stands on where nobody knew it', async () => {
    const { id } = await api.create();
    await api.press(clickPayload({ deploymentId: id, ts: '1700000123.000456' }));
    const messages = await waitFor(async () => {
      const { messages: found } = await read(id);
      return found.length > 0 && found;
    });
    expect(messages).toEqual([{ kind: 'slack.approval', channelId: CHANNEL, ts: '1700000123.000456' }]);
  });

  it('decides also where Slack leaves out message and channel', async () => {
    const { id } = await api.create();
    const { message: _message, channel: _channel, container: _container, ...bare } = clickPayload({ deploymentId: id }) as Record<string, unknown>;
    expect((await api.press(bare)).status).toBe(200);
    expect((await read(id)).status).toBe('approved');
  });
});

describe('a click that the rules refuse', () => {
  it('is acknowledged, and the person alone is told who was faster', async () => {
    const { id } = await api.create();
    await api.press(clickPayload({ deploymentId: id, user: 'UBOB' }));
    expect((await api.press(clickPayload({ deploymentId: id, user: 'ULATE' }))).status).toBe(200);
    const [call] = await waitFor(() => ephemerals().length === 1 && ephemerals());
    expect(call?.args).toMatchObject({ channel: CHANNEL, user: 'ULATE' });
    expect(call?.args['text']).toContain('ubob@example.com');
  });

  it('tells the requester that somebody else must decide', async () => {
    const { id } = await api.create({ requestedBy: 'urita@example.com' });
    await api.press(clickPayload({ deploymentId: id, user: 'URITA' }));
    await waitFor(() => ephemerals().some(({ args }) => args['text']?.includes('somebody else') === true));
    expect((await read(id)).status).toBe('pending');
  });

  it.each(['01890000-0000-7000-8000-000000000000', 'x', ''])('for the deployment %j that is not there is explained too', async (deploymentId) => {
    expect((await api.press(clickPayload({ deploymentId }))).status).toBe(200);
    await waitFor(() => ephemerals().length === 1);
  });

  it('is acknowledged although the explanation cannot be posted', async () => {
    api.slack.failing.set('chat.postEphemeral', 500);
    expect((await api.press(clickPayload({ deploymentId: 'x' }))).status).toBe(200);
  });
});

describe('a click that cannot be handled', () => {
  it('is not acknowledged while nobody can say whose it is, and works when pressed again', async () => {
    const { id } = await api.create();
    api.slack.failing.set('users.info', 500);
    const payload = clickPayload({ deploymentId: id, user: 'UNEW' });
    const { status, headers, body } = await api.press(payload);
    expect([status, body.type]).toEqual([503, '/problems/unavailable']);
    expect(headers.get('retry-after')).toBe('2');
    expect((await read(id)).status).toBe('pending');
    api.slack.failing.clear();
    expect((await api.press(payload)).status).toBe(200);
    expect((await read(id)).status).toBe('approved');
  });

  it('is not acknowledged while another transaction holds the deployment', async () => {
    const { id } = await api.create();
    await api.database.transaction(async (uow) => {
      await uow.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE', [id]);
      expect((await api.press(clickPayload({ deploymentId: id }))).status).toBe(503);
    });
    expect((await read(id)).status).toBe('pending');
  });
});

describe('a request that is not Slack’s', () => {
  it.each([
    ['a wrong signature', { secret: 'wrong' }, 401],
    ['an old timestamp', { timestamp: now() - 3_600 }, 401],
    ['a timestamp from the future', { timestamp: now() + 3_600 }, 401],
  ])('with %s is refused and changes nothing', async (_what, how, expected) => {
    const { id } = await api.create();
    const { status, headers, body } = await api.press(clickPayload({ deploymentId: id }), how);
    expect([status, body.type]).toEqual([expected, '/problems/unauthentic']);
    expect(headers.get('content-type')).toMatch(/problem\+json/);
    expect((await read(id)).status).toBe('pending');
  });

  it('without any header of Slack is refused', async () => {
    expect((await api.call('POST', '/api/slack/webhook', { type: 'url_verification', challenge: 'x' })).status).toBe(401);
  });

  it('with a body that was changed on its way is refused', async () => {
    const { id } = await api.create();
    const headers = signed(asForm(clickPayload({ deploymentId: id })));
    const other = asForm(clickPayload({ deploymentId: id, action: 'deptracker_reject' }));
    expect((await api.call('POST', '/api/slack/webhook', other, headers)).status).toBe(401);
  });

  it.each([
    ['of another workspace', { team: 'T0OTHER' }],
    ['of a guest from another workspace', { homeTeam: 'T0OTHER' }],
  ])('%s is refused even though it is signed', async (_what, origin) => {
    const { id } = await api.create();
    const { status, body } = await api.press(clickPayload({ deploymentId: id, ...origin }));
    expect([status, body.type]).toEqual([403, '/problems/wrong-workspace']);
    expect((await read(id)).status).toBe('pending');
    expect(api.slack.calls).toEqual([]);
  });

  it('that is signed and no payload is a bad request', async () => {
    const headers = { ...signed('{'), 'content-type': 'application/json' };
    expect((await api.call('POST', '/api/slack/webhook', '{', headers)).status).toBe(400);
  });

  it('that is huge is refused before it is read', async () => {
    const body = `payload=${'x'.repeat(2 * 1024 * 1024)}`;
    expect((await api.call('POST', '/api/slack/webhook', body, signed(body))).status).toBe(413);
  });
});

describe('other requests of Slack', () => {
  it('that verify the address get their challenge back', async () => {
    const text = JSON.stringify({ type: 'url_verification', challenge: 'c-1' });
    const { status, body } = await api.call('POST', '/api/slack/webhook', text, { ...signed(text), 'content-type': 'application/json' });
    expect([status, body]).toEqual([200, { challenge: 'c-1' }]);
  });

  it.each([[undefined], [''], [null], [5], [{ a: 1 }]])('that verify the address without a challenge (%j) are bad requests', async (challenge) => {
    const text = JSON.stringify({ type: 'url_verification', challenge });
    const { status, body } = await api.call('POST', '/api/slack/webhook', text, { ...signed(text), 'content-type': 'application/json' });
    expect([status, body.type]).toEqual([400, '/problems/invalid-request']);
  });

  it.each([
    ['another button', clickPayload({ deploymentId: 'x', action: 'other' })],
    ['a view', { type: 'view_submission', team: { id: TEAM }, user: { id: 'U1' }, view: { id: 'V', callback_id: 'c' } }],
    ['a shortcut', { type: 'shortcut', callback_id: 'c', team: { id: TEAM }, user: { id: 'U1' } }],
    ['an event', { type: 'event_callback', team_id: TEAM, event: { type: 'app_mention', user: 'U1' } }],
    ['something new', { type: 'brand_new', team: { id: TEAM } }],
  ])('with %s are acknowledged at once and do nothing', async (_what, payload) => {
    const started = performance.now();
    expect((await api.press(payload)).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(1500);
  });

  it('are taken with a charset in the content type', async () => {
    const { id } = await api.create();
    const body = asForm(clickPayload({ deploymentId: id }));
    const headers = { ...signed(body), 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    expect((await api.call('POST', '/api/slack/webhook', body, headers)).status).toBe(200);
    expect((await read(id)).status).toBe('approved');
  });
});

describe('without SLACK_TEAM_ID', () => {
  it('the workspace of the bot token counts, and an unknown one is nobody’s', async () => {
    const other = await startTestApi({ SLACK_TEAM_ID: '' });
    try {
      const { id } = await other.create();
      expect((await other.press(clickPayload({ deploymentId: id, team: 'T0OTHER' }))).status).toBe(403);
      expect((await other.press(clickPayload({ deploymentId: id }))).status).toBe(200);
      expect((await other.call('GET', `/api/deployments/${id}`)).body.status).toBe('approved');
    } finally {
      await other.stop();
    }
  });
});
