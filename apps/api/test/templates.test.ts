import { TEMPLATE_PURPOSES } from '@deptracker/domain';
import { waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterEach(async () => {
  await api.database.query('DELETE FROM templates');
});
afterAll(() => api.stop());

const ANN = { 'x-actor': 'Ann@Example.com' };
const SUMMARY = { purpose: 'ticket-summary', project: 'user-service', body: '[{{deployment.environment}}] {{deployment.version}}' };

const store = (body: object, headers: Record<string, string> = {}): Promise<Answer> => api.call('POST', '/api/templates', body, headers);

async function stored(fields: object = {}): Promise<Body> {
  const { status, body } = await store({ ...SUMMARY, ...fields });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

const history = (id: string): Promise<readonly object[]> =>
  api.database.query(`SELECT revision, type, actor, data FROM setting_events WHERE subject_kind = 'template' AND subject_id = $1 ORDER BY revision`, [id]);

describe('a template', () => {
  it('is stored, read, changed and deleted, and its history says by whom', async () => {
    const made = await store(SUMMARY, ANN);
    expect(made).toMatchObject({ status: 201, body: { ...SUMMARY, revision: 1, builtIn: false, errors: [] } });
    const { id } = made.body;
    const address = `/api/templates/${id}`;
    expect(made.headers.get('location')).toBe(address);
    const read = await api.call('GET', address);
    expect(read.body).toEqual(made.body);
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'));
    expect((await api.call('GET', address, undefined, { 'if-none-match': read.headers.get('etag') ?? '' })).status).toBe(304);

    const changed = await api.call('PUT', address, { body: '{{deployment.project}}' }, { ...ANN, 'if-match': read.headers.get('etag') ?? '' });
    expect(changed).toMatchObject({ status: 200, body: { id, revision: 2, body: '{{deployment.project}}' } });
    const again = await api.call('PUT', address, { body: '{{deployment.project}}' }, ANN);
    expect(again.body.revision).toBe(2);

    expect((await api.call('DELETE', address, undefined, { ...ANN, 'if-match': '"2"' })).status).toBe(204);
    expect(await api.call('GET', address)).toMatchObject({ status: 404, body: { type: '/problems/template-not-found' } });
    expect(await history(id)).toEqual([
      { revision: 1, type: 'template.created', actor: 'ann@example.com', data: SUMMARY },
      { revision: 2, type: 'template.updated', actor: 'ann@example.com', data: { changes: { body: { from: SUMMARY.body, to: '{{deployment.project}}' } } } },
      { revision: 3, type: 'template.deleted', actor: 'ann@example.com', data: { ...SUMMARY, body: '{{deployment.project}}' } },
    ]);
  });

  it('that somebody else changed meanwhile is neither changed nor deleted', async () => {
    const { id } = await stored();
    await api.call('PUT', `/api/templates/${id}`, { body: 'x' });
    for (const [method, body] of [['PUT', { body: 'y' }], ['DELETE', undefined]] as const) {
      const answer = await api.call(method, `/api/templates/${id}`, body, { 'if-match': '"1"' });
      expect(answer).toMatchObject({ status: 412, body: { type: '/problems/revision-mismatch', currentRevision: 2 } });
    }
    expect((await api.call('GET', `/api/templates/${id}`)).body).toMatchObject({ revision: 2, body: 'x' });
    expect(await history(id)).toHaveLength(2);
  });

  it('changed by two who saw the same is changed by one of them', async () => {
    const { id } = await stored();
    const answers = await Promise.all(['a', 'b', 'c'].map((body) => api.call('PUT', `/api/templates/${id}`, { body }, { 'if-match': '"1"' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  it.each([null, 'user-service'])('stored twice at once for project %s is stored once', async (project) => {
    const answers = await Promise.all(Array.from({ length: 6 }, (_one, index) => store({ ...SUMMARY, project, body: `from ${index}` })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    const [winner] = answers.filter(({ status }) => status === 201);
    const [loser] = answers.filter(({ status }) => status === 409);
    expect(loser?.body).toMatchObject({ type: '/problems/template-exists', id: winner?.body.id });
    expect(await history(winner?.body.id)).toHaveLength(1);
  });

  it('stored with one key is stored once, and its first answer comes again', async () => {
    const headers = { 'idempotency-key': 'summary-1' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => store(SUMMARY, headers)));
    expect(new Set(answers.map(({ status, body, headers: sent }) => JSON.stringify([status, body, sent.get('etag'), sent.get('location')]))).size).toBe(1);
    expect(answers.filter(({ headers: sent }) => sent.get('idempotent-replayed') === 'true')).toHaveLength(3);
    expect(await store({ ...SUMMARY, body: 'other' }, headers)).toMatchObject({ status: 422, body: { type: '/problems/key-reused' } });
  });

  it('for all projects and one for a project stand beside each other', async () => {
    await stored({ project: null });
    await stored();
    await stored({ project: 'billing' });
    expect((await store({ ...SUMMARY, project: null })).status).toBe(409);
  });

  it('is refused beyond five hundred', async () => {
    await api.database.query(
      `INSERT INTO templates (id, purpose, project, body) SELECT gen_random_uuid(), 'notice', 'p' || n, 'x' FROM generate_series(1, 499) AS n`,
    );
    const answers = await Promise.all(['a', 'b', 'c'].map((project) => store({ ...SUMMARY, project })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ type: '/problems/too-many-templates', most: 500 });
  });

  it('that a newer version takes no more says so and why', async () => {
    const { id } = await stored();
    await api.database.query(`UPDATE templates SET body = 'x {{deployment.gone}}' WHERE id = $1`, [id]);
    const { body } = await api.call('GET', `/api/templates/${id}`);
    expect(body.errors).toEqual([{ line: 1, column: 3, message: expect.stringContaining('{{deployment.gone}} is not known') as string }]);
  });
});

describe('what cannot be rendered', () => {
  it.each([
    ['ticket-summary', 'ok\n{{deployment.version', 2, 1, /not closed/],
    ['ticket-summary', '{{deployment.vresion}}', 1, 1, /nearest is deployment\.version/],
    ['ticket-summary', 'a\nb', 1, 2, /one line/],
    ['ticket-summary', 'x'.repeat(156), 1, 1, /more than 155 characters/],
    ['approval', 'x {{{deployment.ref}}}', 1, 3, /escaped/],
    ['approval', '{{> partial}}', 1, 1, /refused/],
    ['approval', 'Hey <!here>', 1, 5, /many people/],
    ['approval', `{{deployment.ref}}${'x'.repeat(2001)}`, 1, 19, /more than 2000/],
  ])('is refused with its place: %s %j', async (purpose, body, line, column, message) => {
    const { id } = await stored({ purpose });
    for (const answer of [
      await store({ purpose, project: 'other', body }),
      await api.call('PUT', `/api/templates/${id}`, { body }),
      await api.call('POST', '/api/templates/preview', { purpose, body }),
    ]) {
      expect(answer).toMatchObject({ status: 422, body: { type: '/problems/template-invalid' } });
      expect(answer.body.errors).toEqual([{ pointer: '/body', line, column, message: expect.stringMatching(message) as string }]);
      expect(answer.body.detail).toContain(`Line ${line}, column ${column}: `);
    }
    expect((await api.call('GET', `/api/templates/${id}`)).body.revision).toBe(1);
  });

  it('names every mistake at once', async () => {
    const { body } = await store({ ...SUMMARY, body: '{{a}} {{b}}\n{{c}}' });
    expect(body.errors.map(({ line, column }: Body) => [line, column])).toEqual([[1, 1], [1, 7], [1, 12], [2, 1]]);
  });

  it.each([
    [{ ...SUMMARY, body: 'x'.repeat(10_001) }, '/body'],
    [{ ...SUMMARY, body: '' }, '/body'],
    [{ ...SUMMARY, body: 'a\0b' }, '/body'],
    [{ ...SUMMARY, purpose: 'fax' }, '/purpose'],
    [{ ...SUMMARY, project: ' ' }, '/project'],
    [{ ...SUMMARY, builtIn: true }, '/builtIn'],
  ])('is no request: %#', async (body, pointer) => {
    const answer = await store(body);
    expect(answer).toMatchObject({ status: 400, body: { type: '/problems/invalid-request', errors: [{ pointer }] } });
  });
});

describe('the built-in templates', () => {
  it('can be read and neither changed nor deleted', async () => {
    const read = await api.call('GET', '/api/templates/notice');
    expect(read).toMatchObject({ status: 200, body: { id: 'notice', revision: 0, builtIn: true, project: null, createdAt: null } });
    for (const [method, body] of [['PUT', { body: 'x' }], ['DELETE', undefined]] as const) {
      expect(await api.call(method, '/api/templates/notice', body)).toMatchObject({ status: 409, body: { type: '/problems/template-built-in' } });
    }
    expect((await api.call('GET', '/api/templates/fax')).status).toBe(404);
  });

  it('can be stored as they are', async () => {
    const { body } = await api.call('GET', '/api/templates?limit=50');
    for (const { purpose, body: text } of body.data) expect(await store({ purpose, body: text })).toMatchObject({ status: 201, body: { project: null } });
  });
});

describe('the list', () => {
  it('has every template once, page by page, the built-in ones first', async () => {
    const mine = [await stored(), await stored({ project: null }), await stored({ purpose: 'notice' })];
    const seen: Body[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body }: Answer = await api.call('GET', `/api/templates?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(body.data.length).toBeLessThanOrEqual(2);
      seen.push(...body.data);
      cursor = body.nextCursor;
    }
    expect(seen.map(({ id }) => id)).toEqual([...TEMPLATE_PURPOSES, ...mine.map(({ id }) => id)]);
  });

  it('is filtered by purpose and project', async () => {
    const mine = await stored();
    const all = await stored({ project: null });
    const other = await stored({ purpose: 'notice', project: 'user-service' });
    const ids = async (query: string) => (await api.call('GET', `/api/templates?${query}`)).body.data.map(({ id }: Body) => id);
    expect(await ids('purpose=ticket-summary')).toEqual(['ticket-summary', mine.id, all.id]);
    expect(await ids('project=user-service')).toEqual([mine.id, other.id]);
    expect(await ids('project=user-service&purpose=notice')).toEqual([other.id]);
  });
});

describe('a preview', () => {
  it('of a deployment that there is shows what would be sent, with its last event', async () => {
    const { id } = await api.create({ version: '7.0.0', ref: 'a & <!channel>' });
    await api.call('PUT', `/api/deployments/${id}/approval`, { decision: 'approve', approver: 'bob@example.com', reason: 'go' });
    const { status, body } = await api.call('POST', '/api/templates/preview', { purpose: 'notice', deploymentId: id, body: '{{deployment.ref}}: {{event.sentence}}' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ purpose: 'notice', deploymentId: id, plain: 'a & <!channel>: approved by bob@example.com: go', ticket: null, email: null });
    expect(body.messages.map(({ kind, text }: Body) => [kind, text])).toEqual([
      ['slack.reply', 'a &amp; &lt;!channel&gt;: approved by bob@example.com: go'],
      ['slack.digest', 'a &amp; &lt;!channel&gt;: approved by bob@example.com: go'],
    ]);
  });

  it('of a ticket has the other texts that are in force, and stores nothing', async () => {
    await stored({ purpose: 'ticket-description', project: 'billing', body: 'Ask #billing.' });
    const { body } = await api.call('POST', '/api/templates/preview', { purpose: 'ticket-summary', project: 'billing', body: 'Release {{deployment.project}}' });
    expect(body).toMatchObject({ deploymentId: null, plain: 'Release billing', ticket: { summary: 'Release billing' }, messages: [] });
    expect(body.ticket.description.content[0]).toEqual({ type: 'paragraph', content: [{ type: 'text', text: 'Ask #billing.' }] });
    expect(await api.database.query('SELECT purpose FROM templates')).toEqual([{ purpose: 'ticket-description' }]);
  });

  it('of a deployment that there is not is refused', async () => {
    const answer = await api.call('POST', '/api/templates/preview', { purpose: 'notice', body: 'x', deploymentId: '01a1f9c1-1f18-73d2-9c31-723516cb0a45' });
    expect(answer).toMatchObject({ status: 404, body: { type: '/problems/deployment-not-found' } });
  });

  it('uses at once what another process has stored', async () => {
    const look = async (): Promise<string> =>
      (await api.call('POST', '/api/templates/preview', { purpose: 'ticket-description', body: 'x' })).body.ticket.summary;
    const before = await look();
    await api.database.query(`INSERT INTO templates (id, purpose, body) VALUES (gen_random_uuid(), 'ticket-summary', 'from elsewhere')`);
    expect(before).not.toBe('from elsewhere');
    await waitFor(async () => (await look()) === 'from elsewhere', { timeoutMs: 5_000, what: 'the change to be in force' });
  });
});

describe('the variables', () => {
  it('are listed with their meaning and an example', async () => {
    const { body } = await api.call('GET', '/api/templates/variables');
    expect(body.data.map(({ purpose }: Body) => purpose)).toEqual(TEMPLATE_PURPOSES);
    const notice = body.data.find(({ purpose }: Body) => purpose === 'notice');
    expect(notice.variables).toContainEqual({ name: 'deployment.project', kind: 'text', meaning: 'What is deployed.', example: 'user-service' });
    expect(notice.variables).toContainEqual({ name: 'event.sentence', kind: 'text', meaning: expect.any(String) as string, example: 'approved by bob@example.com: looks good' });
  });
});

describe('while a lock on the templates is held', () => {
  it('storing one is answered with 503, and made when it is asked for again', async () => {
    await api.database.transaction(async (uow) => {
      await uow.query('LOCK TABLE templates IN ACCESS EXCLUSIVE MODE');
      expect(await store(SUMMARY, { 'idempotency-key': 'again' })).toMatchObject({ status: 503, body: { type: '/problems/unavailable' } });
    });
    expect(await store(SUMMARY, { 'idempotency-key': 'again' })).toMatchObject({ status: 201 });
  });
});
