import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@deptracker/testkit';
import { homeClickPayload, submissionPayload } from './support/slack-payloads.js';
import { CHANNEL, clickPayload } from './support/slack-stub.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

const REJECT = 'deptracker_reject';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());
beforeEach(() => {
  api.slack.calls.length = 0;
  for (const odd of [api.slack.failing, api.slack.refusing, api.slack.silent]) odd.clear();
});

const read = async (id: string): Promise<Body> => (await api.call('GET', `/api/deployments/${id}`)).body;
const calls = (method: string) => api.slack.calls.filter((one) => one.method === method);
const told = async (): Promise<Readonly<Record<string, string>>> =>
  waitFor(() => calls('chat.postEphemeral').length === 1 && calls('chat.postEphemeral')[0]?.args, { what: 'an ephemeral' });

describe('a press of Reject', () => {
  it('asks why, with all that the answer needs and nothing decided', async () => {
    const { id } = await api.create({ requestedBy: 'rita@example.com' });
    expect((await api.press(clickPayload({ deploymentId: id, action: REJECT }))).status).toBe(200);
    const [call] = calls('views.open');
    expect(call?.args['trigger_id']).toBe('1.2');
    const view = JSON.parse(call?.args['view'] ?? '');
    expect(view).toMatchObject({ type: 'modal', callback_id: 'deptracker_rejection', submit: { text: 'Reject' } });
    expect(JSON.parse(view.private_metadata as string)).toEqual({ deploymentId: id, channelId: CHANNEL, messageTs: '1700000000.000100', fromHome: false });
    expect(JSON.stringify(view.blocks)).toContain('rita@example.com');
    expect((await read(id)).status).toBe('pending');
  });

  it('adopts the message that it stands on', async () => {
    const { id } = await api.create();
    await api.press(clickPayload({ deploymentId: id, action: REJECT, ts: '1700000321.000456' }));
    expect(await waitFor(async () => (await read(id)).messages[0])).toMatchObject({ channelId: CHANNEL, ts: '1700000321.000456' });
  });

  it.each([
    ['Slack is slow', () => api.slack.silent.add('views.open')],
    ['the trigger has expired', () => api.slack.refusing.set('views.open', 'expired_trigger_id')],
    ['Slack is down', () => api.slack.failing.set('views.open', 500)],
  ])('is answered in time where %s, decides nothing and says to try again', async (_what, spoil) => {
    const { id } = await api.create();
    spoil();
    expect((await api.press(clickPayload({ deploymentId: id, action: REJECT }))).status).toBe(200);
    expect(await told()).toMatchObject({ channel: CHANNEL, user: 'UALICE', text: expect.stringContaining('press Reject again') as string });
    expect(await read(id)).toMatchObject({ status: 'pending', approval: { decisions: [] } });
  });

  it('tells who comes late at once, without asking why', async () => {
    const { id } = await api.create();
    await api.press(clickPayload({ deploymentId: id, user: 'UBOB' }));
    await api.press(clickPayload({ deploymentId: id, user: 'UBOB', action: REJECT }));
    expect((await told())['text']).toContain('already approved by ubob@example.com');
    expect(calls('views.open')).toEqual([]);
  });

  it('of a deployment that is gone is explained', async () => {
    await api.press(clickPayload({ deploymentId: 'x', action: REJECT }));
    expect((await told())['text']).toContain('no longer known');
  });
});

describe('a submitted rejection', () => {
  it('counts with its reason and closes the modal', async () => {
    const { id } = await api.create();
    const { status, body } = await api.press(submissionPayload({ deploymentId: id, reason: '  too late today\n' }));
    expect([status, body]).toEqual([200, '']);
    expect(await read(id)).toMatchObject({
      status: 'rejected',
      approval: { decisions: [{ decision: 'reject', actor: 'ualice@example.com', reason: 'too late today' }] },
    });
  });

  it.each([null, '', '  '])('counts without a reason too (%j)', async (reason) => {
    const { id } = await api.create();
    await api.press(submissionPayload({ deploymentId: id, reason }));
    expect((await read(id)).approval.decisions).toMatchObject([{ decision: 'reject', reason: null }]);
  });

  it('counts once, however often it is delivered, with the first reason', async () => {
    const { id } = await api.create();
    for (const reason of ['first', 'second']) {
      const { status, body } = await api.press(submissionPayload({ deploymentId: id, reason, viewId: 'VTWICE' }));
      expect([status, body]).toEqual([200, '']);
    }
    expect((await read(id)).approval.decisions).toMatchObject([{ reason: 'first' }]);
  });

  it('of the requester is refused in the modal', async () => {
    const { id } = await api.create({ requestedBy: 'urita@example.com' });
    const { status, body } = await api.press(submissionPayload({ deploymentId: id, user: 'URITA' }));
    expect([status, body]).toEqual([200, { response_action: 'errors', errors: { deptracker_reason: expect.stringContaining('somebody else must decide') } }]);
    expect(await read(id)).toMatchObject({ status: 'pending', approval: { decisions: [] } });
  });

  it('of somebody who is not among the approvers is refused in the modal, whoever they say they are', async () => {
    await api.database.query(`INSERT INTO environments (name, eligible) VALUES ('listed', ARRAY['ubob@example.com'])`);
    const { id } = await api.create({ environment: 'listed' });
    const metadata = JSON.stringify({ deploymentId: id, channelId: null, messageTs: null, fromHome: false });
    const { body } = await api.press({ ...submissionPayload({ deploymentId: id, metadata }), actor: 'ubob@example.com' });
    expect(body).toMatchObject({ response_action: 'errors', errors: { deptracker_reason: expect.stringContaining('not among the approvers') as string } });
    expect((await read(id)).approval.decisions).toEqual([]);
    expect((await api.press(submissionPayload({ deploymentId: id, user: 'UBOB' }))).body).toBe('');
    expect((await read(id)).status).toBe('rejected');
  });

  it('that comes late shows who decided in place of the form', async () => {
    const { id } = await api.create();
    await api.press(clickPayload({ deploymentId: id, user: 'UBOB' }));
    const { status, body } = await api.press(submissionPayload({ deploymentId: id }));
    expect([status, body]).toMatchObject([200, { response_action: 'update', view: { type: 'modal', title: { text: 'Not counted' } } }]);
    expect(JSON.stringify(body)).toContain('already approved by ubob@example.com');
    expect((await read(id)).status).toBe('approved');
  });

  it('after the time to decide says so in place of the form', async () => {
    const { id } = await api.create();
    await api.database.query('UPDATE deployments SET approval_expires_at = now() WHERE id = $1', [id]);
    const { body } = await api.press(submissionPayload({ deploymentId: id }));
    expect(body).toMatchObject({ response_action: 'update' });
    expect(JSON.stringify(body)).toContain('the time to decide ended');
    expect((await read(id)).approval.decisions).toEqual([]);
  });

  it('for a deployment that is gone says so in place of the form', async () => {
    const { body } = await api.press(submissionPayload({ deploymentId: '01890000-0000-7000-8000-000000000000' }));
    expect(JSON.stringify(body)).toContain('no longer known');
  });

  it.each([
    ['too long', 'x'.repeat(2001), 'in 2000 characters'],
    ['not storable', 'a\u0000b', 'cannot be stored'],
    ['half a character', 'a\ud800b', 'cannot be stored'],
  ])('with a reason that is %s is refused in the modal', async (_what, reason, expected) => {
    const { id } = await api.create();
    const { status, body } = await api.press(submissionPayload({ deploymentId: id, reason }));
    expect([status, body.errors.deptracker_reason]).toEqual([200, expect.stringContaining(expected)]);
    expect((await read(id)).status).toBe('pending');
  });

  it('by twenty people at once closes the approval exactly once', async () => {
    const { id } = await api.create({ requestedBy: 'u3@example.com' });
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => api.press(submissionPayload({ deploymentId: id, user: `U${n}`, reason: `by ${n}` }))));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(all.filter(({ body }) => body === '')).toHaveLength(1);
    const { body } = await api.call('GET', `/api/deployments/${id}/events`);
    expect(body.data.map(({ type }: { type: string }) => type)).toEqual(['deployment.created', 'approval.decided', 'deployment.rejected']);
  });

  it('is not acknowledged while nobody can say whose it is, and counts when it is sent again', async () => {
    const { id } = await api.create();
    const payload = submissionPayload({ deploymentId: id, user: 'UNEWHERE', viewId: 'VAGAIN' });
    api.slack.failing.set('users.info', 500);
    expect((await api.press(payload)).status).toBe(503);
    expect((await read(id)).status).toBe('pending');
    api.slack.failing.clear();
    expect((await api.press(payload)).status).toBe(200);
    expect((await read(id)).status).toBe('rejected');
  });

  it('is not acknowledged while another transaction holds the deployment, and counts when it is sent again', async () => {
    const { id } = await api.create();
    const payload = submissionPayload({ deploymentId: id, viewId: 'VHELD' });
    await api.database.transaction(async (uow) => {
      await uow.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE', [id]);
      expect((await api.press(payload)).status).toBe(503);
    });
    expect((await api.press(payload)).body).toBe('');
    expect((await read(id)).status).toBe('rejected');
  });

  it.each([
    ['no JSON', 'x'],
    ['nothing', ''],
    ['another form', '{"deploymentId":5}'],
    ['more than we wrote', JSON.stringify({ deploymentId: '01890000-0000-7000-8000-000000000000', channelId: null, messageTs: null, fromHome: false, actor: 'bob@example.com' })],
  ])('whose memory of the click is %s is refused', async (_what, metadata) => {
    const { id } = await api.create();
    expect((await api.press(submissionPayload({ deploymentId: id, metadata }))).status).toBe(400);
    expect((await read(id)).status).toBe('pending');
  });
});

describe('in Home', () => {
  it('Reject opens the same modal, and its answer shows Home anew', async () => {
    const { id } = await api.create();
    await api.press(homeClickPayload({ deploymentId: id, action: REJECT }));
    const view = JSON.parse(calls('views.open')[0]?.args['view'] ?? '');
    const metadata = view.private_metadata as string;
    expect(JSON.parse(metadata)).toMatchObject({ fromHome: true, channelId: null });
    expect((await api.press(submissionPayload({ deploymentId: id, metadata }))).body).toBe('');
    expect((await read(id)).status).toBe('rejected');
    await waitFor(() => calls('views.publish').length === 1);
  });

  it('a modal that does not open is said there', async () => {
    const { id } = await api.create();
    api.slack.refusing.set('views.open', 'expired_trigger_id');
    await api.press(homeClickPayload({ deploymentId: id, action: REJECT }));
    const home = await waitFor(() => calls('views.publish')[0]?.args['view']);
    expect(home).toContain('press Reject again');
    expect(calls('chat.postEphemeral')).toEqual([]);
  });
});
