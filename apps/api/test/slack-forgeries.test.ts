import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandForm, homeEvent, submissionForm } from './support/slack-payloads.js';
import { asForm, clickPayload, signed } from './support/slack-stub.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const now = (): number => Math.floor(Date.now() / 1000);

/** Each kind of request as it goes over the wire: of a workspace, about a deployment. */
const KINDS: Readonly<Record<string, { type: string; body: (id: string, team?: string) => string }>> = {
  'a click': { type: 'application/x-www-form-urlencoded', body: (deploymentId, team) => asForm(clickPayload({ deploymentId, ...(team === undefined ? {} : { team }) })) },
  'a press of Reject': { type: 'application/x-www-form-urlencoded', body: (deploymentId, team) => asForm(clickPayload({ deploymentId, action: 'deptracker_reject', ...(team === undefined ? {} : { team }) })) },
  'a submission': { type: 'application/x-www-form-urlencoded', body: (deploymentId, team) => submissionForm({ deploymentId, ...(team === undefined ? {} : { team }) }) },
  'a command': { type: 'application/x-www-form-urlencoded', body: (_id, team) => commandForm('', team === undefined ? {} : { team_id: team }) },
  'an event': { type: 'application/json', body: (_id, team) => homeEvent(team === undefined ? {} : { team }) },
};

async function stored(): Promise<Body> {
  const [row] = await api.database.query<Body>('SELECT (SELECT count(*)::int FROM decisions) AS decisions, (SELECT count(*)::int FROM inbound_dedupe) AS inbound');
  return row;
}

describe.each(Object.entries(KINDS))('%s', (_name, { type, body }) => {
  async function expectRefused(status: number, make: (id: string) => { readonly text: string; readonly headers: Record<string, string> }): Promise<void> {
    const { id } = await api.create();
    const before = await stored();
    api.slack.calls.length = 0;
    const { text, headers } = make(id as string);
    const answer = await api.call('POST', '/api/slack/webhook', text, { ...headers, 'content-type': type });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, expect.stringContaining('problem+json')]);
    expect((await api.call('GET', `/api/deployments/${id as string}`)).body).toMatchObject({ status: 'pending', approval: { decisions: [] } });
    expect(await stored()).toEqual(before);
    expect(api.slack.calls).toEqual([]);
  }

  it('with a wrong signature is refused and changes nothing', () =>
    expectRefused(401, (id) => ({ text: body(id), headers: signed(body(id), { secret: 'wrong' }) })));

  it('with an old timestamp is refused and changes nothing', () =>
    expectRefused(401, (id) => {
      const text = body(id);
      return { text, headers: signed(text, { timestamp: now() - 301 }) };
    }));

  it('with a timestamp from the future is refused and changes nothing', () =>
    expectRefused(401, (id) => {
      const text = body(id);
      return { text, headers: signed(text, { timestamp: now() + 330 }) };
    }));

  it('of another workspace is refused and changes nothing', () =>
    expectRefused(403, (id) => {
      const text = body(id, 'T0OTHER');
      return { text, headers: signed(text) };
    }));

  it('that was changed on its way is refused and changes nothing', () =>
    expectRefused(401, (id) => {
      const text = body(id);
      return { text: text.replace('UALICE', 'UBOBBY'), headers: signed(text) };
    }));
});

describe('a submission whose memory of the click', () => {
  it('was changed on its way is refused and changes neither deployment', async () => {
    const [{ id }, other] = [await api.create(), await api.create()];
    const text = submissionForm({ deploymentId: id });
    const { status } = await api.call('POST', '/api/slack/webhook', text.replace(id as string, other.id as string), signed(text));
    expect(status).toBe(401);
    for (const one of [id, other.id]) expect((await api.call('GET', `/api/deployments/${one as string}`)).body.status).toBe('pending');
  });
});
