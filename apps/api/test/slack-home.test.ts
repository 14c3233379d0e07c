import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '@deptracker/testkit';
import { homeClickPayload, homeEvent } from './support/slack-payloads.js';
import { clickPayload, signed } from './support/slack-stub.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  api.slack.calls.length = 0;
  for (const odd of [api.slack.failing, api.slack.refusing, api.slack.silent]) odd.clear();
  await api.database.query('TRUNCATE deployments, decisions, events, effects, environments');
});

const open = (text: string) => api.call('POST', '/api/slack/webhook', text, { ...signed(text), 'content-type': 'application/json' });
const homes = () => api.slack.calls.filter(({ method }) => method === 'views.publish');
/** What Alice is shown; others may still wait for theirs. */
const shown = async (): Promise<{ text: string; view: Body }> => {
  const { args } = await waitFor(() => homes().find((one) => one.args['user_id'] === 'UALICE'), { what: 'Home of Alice' });
  return { text: args['view'] ?? '', view: JSON.parse(args['view'] ?? '') };
};
const asked = (view: Body): string[] =>
  view.blocks.filter(({ type }: Body) => type === 'actions').map(({ elements }: Body) => elements[0].value);

describe('Home', () => {
  it('shows what waits for this person, and nothing else, most urgent first', async () => {
    await api.database.query(`INSERT INTO environments (name, approvals_required, eligible, requester_may_approve) VALUES
      ('free', 0, NULL, false), ('two', 2, NULL, false), ('mine', 1, ARRAY['ualice@example.com'], false),
      ('theirs', 1, ARRAY['ubob@example.com'], false), ('own', 1, NULL, true)`);
    const make = async (fields: object): Promise<string> => (await api.create(fields)).id as string;
    const anybody = await make({ project: 'anybody' });
    const mine = await make({ project: 'mine', environment: 'mine' });
    const own = await make({ project: 'own', environment: 'own', requestedBy: 'ualice@example.com' });
    const half = await make({ project: 'half', environment: 'two' });
    await api.press(clickPayload({ deploymentId: half, user: 'UBOB' }));
    const urgent = await make({ project: 'urgent' });
    await api.database.query(`UPDATE deployments SET approval_expires_at = now() + interval '1 hour', limit_at = now() + interval '1 hour' WHERE id = $1`, [urgent]);
    await make({ project: 'theirs', environment: 'theirs' });
    await make({ project: 'free', environment: 'free' });
    await make({ project: 'requested', requestedBy: 'ualice@example.com' });
    const decided = await make({ project: 'decided', environment: 'two' });
    await api.press(clickPayload({ deploymentId: decided, user: 'UALICE' }));
    const closed = await make({ project: 'closed' });
    await api.press(clickPayload({ deploymentId: closed, user: 'UBOB' }));
    const lapsed = await make({ project: 'lapsed' });
    await api.database.query('UPDATE deployments SET approval_expires_at = now(), limit_at = now() WHERE id = $1', [lapsed]);

    expect((await open(homeEvent())).status).toBe(200);
    const { view, text } = await shown();
    expect(view.type).toBe('home');
    expect(asked(view)).toEqual([urgent, anybody, mine, own, half]);
    // What she asked for herself stands below, without buttons.
    expect(text).toContain('*requested*');
    expect(text).not.toContain('*theirs*');
  });

  it('says so where nothing waits', async () => {
    await open(homeEvent());
    expect((await shown()).text).toContain('Nothing waits for your decision');
  });

  it('is shown once for an event, however often it is delivered, and not for other tabs', async () => {
    await open(homeEvent({ tab: 'messages', eventId: 'EvMessages' }));
    for (let n = 0; n < 3; n += 1) expect((await open(homeEvent({ eventId: 'EvOnce' }))).status).toBe(200);
    await open(homeEvent({ user: 'UBOB' }));
    await waitFor(() => homes().some(({ args }) => args['user_id'] === 'UBOB'));
    expect(homes().filter(({ args }) => args['user_id'] === 'UALICE')).toHaveLength(1);
  });

  it('is acknowledged also where it cannot be shown', async () => {
    api.slack.silent.add('views.publish');
    expect((await open(homeEvent({ user: 'USILENT' }))).status).toBe(200);
    await waitFor(() => homes().length === 1);
    api.slack.silent.clear();
    api.slack.refusing.set('views.publish', 'not_enabled');
    expect((await open(homeEvent({ user: 'UREFUSED' }))).status).toBe(200);
  });

  it('holds twenty and counts the others', async () => {
    for (let n = 0; n < 23; n += 1) await api.create({ version: `1.0.${n}` });
    await open(homeEvent());
    const { view, text } = await shown();
    expect(asked(view)).toHaveLength(20);
    expect(text).toContain('… and 3 more.');
  });
});

describe('a button in Home', () => {
  it('decides although there is no message, and Home is shown anew', async () => {
    const { id } = await api.create();
    const { status, body } = await api.press(homeClickPayload({ deploymentId: id }));
    expect([status, body]).toEqual([200, '']);
    expect((await api.call('GET', `/api/deployments/${id}`)).body).toMatchObject({ status: 'approved', approval: { decisions: [{ actor: 'ualice@example.com' }] } });
    expect(asked((await shown()).view)).toEqual([]);
  });

  it('that the rules refuse says why on top', async () => {
    const { id } = await api.create();
    await api.press(clickPayload({ deploymentId: id, user: 'UBOB' }));
    expect((await api.press(homeClickPayload({ deploymentId: id }))).status).toBe(200);
    expect((await shown()).text).toContain('already approved by ubob@example.com');
  });

  it('counts although Home cannot be shown', async () => {
    const { id } = await api.create();
    api.slack.failing.set('views.publish', 500);
    expect((await api.press(homeClickPayload({ deploymentId: id }))).status).toBe(200);
    expect((await api.call('GET', `/api/deployments/${id}`)).body.status).toBe('approved');
  });
});
