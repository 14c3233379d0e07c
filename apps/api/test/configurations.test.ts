import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ DEFAULT_APPROVAL_TTL: '90m', JIRA_COMMENT_ON: 'deployment.failed,deployment.failed' });
});
afterAll(() => api.stop());

const at = (key: string): string => `/api/configurations/${key}`;
const get = async (key: string): Promise<Body> => (await api.call('GET', at(key))).body;
const set = (key: string, value: unknown, headers: Record<string, string> = {}): Promise<Answer> => api.call('PUT', at(key), { value }, headers);
const reset = (key: string, headers: Record<string, string> = {}): Promise<Answer> => api.call('DELETE', at(key), undefined, headers);
const post = (fields: object = {}): Promise<Answer> => api.call('POST', '/api/deployments', { project: 'p', environment: 'e', version: '1', ...fields });

afterEach(async () => {
  for (const { key, isDefault } of (await api.call('GET', '/api/configurations')).body.data) if (!isDefault) await reset(key);
});

describe('configurations', () => {
  it('are all listed, with the values of the environment as their defaults', async () => {
    const { status, body } = await api.call('GET', '/api/configurations');
    expect([status, body.nextCursor]).toEqual([200, null]);
    expect(body.data.map(({ key, value, isDefault, unit, defaultFrom }: Body) => [key, value, isDefault, unit, defaultFrom])).toEqual([
      ['approvals.required', 1, true, 'people', 'DEFAULT_APPROVALS_REQUIRED'],
      ['approvals.ttl', 5_400, true, 'seconds', 'DEFAULT_APPROVAL_TTL'],
      ['deployments.timeout', 7_200, true, 'seconds', 'DEFAULT_DEPLOYMENT_TIMEOUT'],
      ['deployments.unknown-environment', 'create', true, null, null],
      ['deployments.unknown-project', 'create', true, null, null],
      ['jira.comment-on', ['deployment.failed'], true, null, 'JIRA_COMMENT_ON'],
      ['slack.channel', 'C0DEPLOYS', true, null, 'SLACK_CHANNEL_ID'],
      ['slack.digest-window', 10, true, 'seconds', 'SLACK_DIGEST_WINDOW'],
    ]);
    for (const { description, schema, value, default: standard } of body.data) {
      expect(description).toMatch(/\.$/);
      expect(schema.type).toBeTypeOf('string');
      expect(value).toEqual(standard);
    }
  });

  it('are set and taken back, and say who changed them last', async () => {
    const before = await get('approvals.ttl');
    const changed = await set('approvals.ttl', 60, { 'x-actor': 'Alice@Example.com' });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ value: 60, default: 5_400, isDefault: false, revision: before.revision + 1, updatedBy: 'alice@example.com' });
    expect(await get('approvals.ttl')).toEqual(changed.body);
    const back = await reset('approvals.ttl');
    expect(back.body).toMatchObject({ value: 5_400, isDefault: true, revision: before.revision + 2, updatedBy: null });
  });

  it('make no event of a change that changes nothing', async () => {
    const [first, again] = [await set('approvals.required', 3), await set('approvals.required', 3, { 'x-actor': 'bob@example.com' })];
    expect(again.body).toEqual(first.body);
    await reset('approvals.required');
    const { revision } = await get('approvals.required');
    expect((await reset('approvals.required')).body.revision).toBe(revision);
    const { data } = (await api.call('GET', '/api/events?subjectKind=configuration&subjectId=approvals.required')).body;
    expect(data.map(({ type, revision: of, changes }: Body) => [type, of, changes])).toEqual([
      ['configuration.reset', revision, { value: { from: 3, to: null } }],
      ['configuration.updated', revision - 1, { value: { from: null, to: 3 } }],
    ]);
  });

  it('refuse what is not allowed, with what is', async () => {
    const wrong: readonly [string, unknown][] = [
      ['approvals.required', 21], ['approvals.required', 1.5], ['approvals.required', '1'],
      ['approvals.ttl', 0], ['approvals.ttl', '24h'], ['deployments.unknown-project', 'ignore'],
      ['jira.comment-on', ['deployment.exploded']], ['jira.comment-on', 'deployment.failed'],
      ['slack.channel', '#deploys'], ['slack.digest-window', -1],
    ];
    for (const [key, value] of wrong) {
      const { status, body } = await set(key, value);
      expect([key, value, status, body.type, body.errors[0].pointer]).toEqual([key, value, 422, '/problems/value-not-allowed', '/value']);
      expect(body.errors[0].message).toMatch(/^value must be /);
      expect(body.schema).toEqual((await get(key)).schema);
      expect((await get(key)).isDefault).toBe(true);
    }
    expect((await set('jira.comment-on', ['deployment.exploded'])).body.detail).toContain('deployment.created, ');
    for (const value of [null, {}, true, [1]]) {
      const { status, body } = await set('approvals.ttl', value);
      expect([value, status, body.errors[0].pointer]).toEqual([value, 400, expect.stringMatching(/^\/value/)]);
    }
    expect((await api.call('PUT', at('approvals.ttl'), {})).status).toBe(400);
    expect((await api.call('PUT', at('approvals.ttl'), { value: 1, reason: 'x' })).status).toBe(400);
  });

  it('have no other keys', async () => {
    for (const key of ['approvals', 'approvals.TTL', '__proto__', 'constructor', 'x'.repeat(300), '%00']) {
      expect([key, (await api.call('GET', at(key))).body.type]).toEqual([key, '/problems/configuration-not-found']);
      expect([key, (await set(key, 1)).body.type]).toEqual([key, '/problems/configuration-not-found']);
    }
  });

  it('are not changed by somebody who saw another revision, also where they were never set', async () => {
    const { revision } = await get('deployments.timeout');
    const changed = await set('deployments.timeout', 60, { 'if-match': `"${revision}"` });
    expect(changed.status).toBe(200);
    const late = await set('deployments.timeout', 120, { 'if-match': `"${revision}"` });
    expect([late.status, late.body.currentRevision]).toEqual([412, revision + 1]);
    expect((await reset('deployments.timeout', { 'if-match': `"${revision}"` })).status).toBe(412);
    expect((await api.call('GET', at('deployments.timeout'), undefined, { 'if-none-match': changed.headers.get('etag') ?? '' })).status).toBe(304);
    const both = await Promise.all([60, 61].map((value) => set('approvals.ttl', value, { 'if-match': `"${0}"` })));
    expect(both.map(({ status }) => status).sort()).toEqual(expect.arrayContaining([412]));
  });

  it('that this version does not accept do no harm', async () => {
    const store = (key: string, value: unknown) =>
      api.database.query(
        `INSERT INTO configurations (key, revision, value) VALUES ($1, 5, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = configurations.revision + 1`,
        [key, JSON.stringify(value)],
      );
    await store('approvals.required', 'three of five');
    await store('slack.emoji', ':ship:');
    const shown = await get('approvals.required');
    expect(shown).toMatchObject({ value: 1, isDefault: true, ignored: 'three of five' });
    // Our own change makes this process read anew.
    await set('approvals.ttl', 60);
    expect((await post()).body.approval).toMatchObject({ status: 'pending', required: 1 });
    expect((await set('approvals.required', 2, { 'if-match': `"${shown.revision}"` })).body).toMatchObject({ value: 2, ignored: null });
    expect((await post()).body.approval.required).toBe(2);
    await api.database.query(`DELETE FROM configurations WHERE key = 'slack.emoji'`);
  });
});

/** Milliseconds that the effects of a deployment wait from its creation. */
async function noticeWaits(id: string): Promise<number[]> {
  const rows = await api.database.query<{ ms: number }>(
    `SELECT (extract(epoch FROM next_attempt_at - created_at) * 1000)::int AS ms FROM effects
     WHERE deployment_id = $1 AND kind = 'slack.notice' ORDER BY event_revision`,
    [id],
  );
  return rows.map(({ ms }) => ms);
}

describe('the next deployment after a change of', () => {
  it('approvals.required needs so many approvers, or none', async () => {
    await set('approvals.required', 2);
    expect((await post()).body.approval).toMatchObject({ required: 2, status: 'pending' });
    await set('approvals.required', 0);
    expect((await post()).body).toMatchObject({ status: 'approved', approval: { status: 'not_required' } });
    await reset('approvals.required');
    expect((await post()).body.approval.required).toBe(1);
  });

  it('approvals.ttl can be decided for so long', async () => {
    await set('approvals.ttl', 600);
    const { approval, createdAt } = (await post()).body;
    expect(Date.parse(approval.expiresAt) - Date.parse(createdAt)).toBe(600_000);
  });

  it('deployments.timeout may roll out for so long', async () => {
    await set('approvals.required', 0);
    await set('deployments.timeout', 900);
    const { id } = (await post()).body;
    const { startedAt } = (await api.call('PUT', `/api/deployments/${id}`, { status: 'in_progress' })).body;
    const { until } = (await api.call('GET', `/api/deployments/${id}/gate`)).body;
    expect(Date.parse(until) - Date.parse(startedAt)).toBe(900_000);
  });

  it.each([
    ['deployments.unknown-project', { project: 'new-project' }, '/problems/project-unknown'],
    ['deployments.unknown-environment', { environment: 'new-environment' }, '/problems/environment-unknown'],
  ])('%s is refused where there is no such thing', async (key, fields, problem) => {
    await set(key, 'refuse');
    expect((await post(fields)).body.type).toBe(problem);
    await reset(key);
    expect((await post(fields)).status).toBe(201);
  });

  it('slack.channel is told of there, from the question to the last reply, whatever is set later', async () => {
    await set('slack.channel', 'C0OTHER');
    const { id } = (await post()).body;
    await set('slack.channel', 'C0LATER');
    await api.call('PUT', `/api/deployments/${id}/approval`, { decision: 'approve', approver: 'bob@example.com' });
    await api.call('PUT', `/api/deployments/${id}`, { status: 'in_progress' });
    const effects = await api.database.query(`SELECT kind, destination FROM effects WHERE deployment_id = $1 AND target = 'slack' ORDER BY kind, event_revision`, [id]);
    expect(effects.map(({ kind, destination }) => [kind, destination])).toEqual([
      ['slack.approval', 'C0OTHER'], ['slack.reply', 'C0OTHER'], ['slack.reply', 'C0OTHER'],
    ]);
  });

  it('slack.digest-window has its notices wait so long, also those of its changes', async () => {
    await set('approvals.required', 0);
    await set('slack.digest-window', 42.5);
    const { id } = (await post()).body;
    await set('slack.digest-window', 0);
    await api.call('PUT', `/api/deployments/${id}`, { status: 'in_progress' });
    expect(await noticeWaits(id)).toEqual([42_500, 0]);
  });
});
