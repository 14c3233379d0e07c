import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const GOOD = { project: 'p', environment: 'e', version: 'v' };
const post = (body: object, key?: string) =>
  api.call('POST', '/api/deployments', body, key === undefined ? {} : { 'idempotency-key': key });
async function countOf(project: string): Promise<number> {
  const [row] = await api.database.query<{ count: number }>('SELECT count(*)::int AS count FROM deployments WHERE project = $1', [project]);
  return row?.count ?? 0;
}

describe('an Idempotency-Key', () => {
  it('makes one deployment of fifty posts at once, and all get the same answer', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post({ ...GOOD, project: 'fifty' }, 'fifty')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await countOf('fifty')).toBe(1);
  });

  it('gives the first answer again after the deployment went on', async () => {
    const body = { ...GOOD, project: 'went-on', description: 'first' };
    const first = await post(body, 'went-on');
    await api.call('PUT', `/api/deployments/${first.body.id}/approval`, { decision: 'approve', approver: 'a@b.cd' });
    await api.call('PUT', `/api/deployments/${first.body.id}`, { status: 'in_progress', description: 'other', metadata: { a: 1 } });
    const again = await post(body, 'went-on');
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.body).toEqual(first.body);
  });

  it('does not mind the order of fields, but another body', async () => {
    await post({ ...GOOD, metadata: { a: 1, b: 2 } }, 'order');
    expect((await post({ metadata: { b: 2, a: 1 }, version: 'v', environment: 'e', project: 'p' }, 'order')).status).toBe(201);
    const { status, body } = await post({ ...GOOD, metadata: { a: 1, b: 3 } }, 'order');
    expect([status, body.type, body.key]).toEqual([422, '/problems/key-reused', 'idempotency']);
  });

  it('of different posts at once never mixes them up', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => post({ ...GOOD, project: 'mixed', version: `v${index % 2}` }, 'mixed')),
    );
    expect(await countOf('mixed')).toBe(1);
    const won = answers.filter(({ status }) => status === 201);
    expect(won).toHaveLength(20);
    expect(new Set(won.map(({ body }) => body.version)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(20);
  });

  it('must be 1 to 200 printable characters, once', async () => {
    for (const key of ['', 'x'.repeat(201), 'schlüssel']) {
      const { status, body } = await post(GOOD, key);
      expect([key, status]).toEqual([key, 400]);
      expect(body.errors).toMatchObject([{ header: 'Idempotency-Key' }]);
    }
    expect((await post(GOOD, 'x'.repeat(200))).status).toBe(201);
  });

  it('is not used up by a request that was refused', async () => {
    expect((await post({ ...GOOD, project: '' }, 'refused')).status).toBe(400);
    expect((await post(GOOD, 'refused')).status).toBe(201);
  });
});

describe('the natural key', () => {
  const named = { ...GOOD, project: 'natural', source: 'ci', externalId: 'run-7' };

  it('makes one deployment of thirty posts at once, with and without other keys', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => post(named, index % 2 === 0 ? undefined : `natural-${index}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await countOf('natural')).toBe(1);
  });

  it('refuses another version under the same run', async () => {
    const { status, body } = await post({ ...named, version: 'other' });
    expect([status, body.key]).toEqual([422, 'natural']);
  });

  it('leaves other environments and posts without one alone', async () => {
    expect((await post({ ...named, environment: 'other' })).headers.get('idempotent-replayed')).toBeNull();
    await Promise.all(Array.from({ length: 3 }, () => post({ ...GOOD, project: 'keyless' })));
    expect(await countOf('keyless')).toBe(3);
  });
});
