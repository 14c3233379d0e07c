import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TcpProxy, startTcpProxy } from '@deptracker/testkit';
import { batchAnswer } from '../dist/routes/deployment-batch/schema.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
let proxy: TcpProxy;
beforeAll(async () => {
  api = await startTestApi({ BATCH_BODY_LIMIT: '1mb' }, async ({ url }) => {
    proxy = await startTcpProxy({ to: url });
    return proxy.url;
  });
});
afterAll(async () => {
  await api.stop();
  await proxy.stop();
});

const GOOD = { project: 'p', environment: 'e', version: 'v' };
const post = async (deployments: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Body }> => {
  const { status, body } = await api.call('POST', '/api/deployments/batch', { deployments }, headers);
  if (status < 300) expect(batchAnswer.validate(body).error).toBeUndefined();
  return { status, body };
};
async function countOf(project: string): Promise<number> {
  const [row] = await api.database.query<{ count: number }>('SELECT count(*)::int AS count FROM deployments WHERE project = $1', [project]);
  return row?.count ?? 0;
}

describe('a batch', () => {
  it('creates every item as a create of its own would', async () => {
    const { status, body } = await post([{ ...GOOD, version: '1' }, { ...GOOD, version: '2', requestedBy: 'Ann@example.com' }]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ created: 2, replayed: 0, refused: 0 });
    expect(body.results.map((one: Body) => [one.index, one.status, one.deployment.version])).toEqual([[0, 201, '1'], [1, 201, '2']]);
    const { deployment } = body.results[1];
    expect((await api.call('GET', `/api/deployments/${deployment.id}`)).body).toEqual(deployment);
  });

  it('judges good, bad and repeated items on their own', async () => {
    const known = await api.create({ ...GOOD, project: 'mixed', externalId: 'run-1' });
    const keyed = { ...GOOD, project: 'mixed', idempotencyKey: 'mixed' };
    const { status, body } = await post([
      { ...GOOD, project: 'mixed' },
      { ...GOOD, project: '', commitSha: 'xyz' },
      keyed,
      keyed,
      { ...keyed, version: 'other' },
      { ...GOOD, project: 'mixed', externalId: 'run-1' },
      { ...GOOD, project: 'mixed', externalId: 'run-1', version: 'other' },
      { ...GOOD, project: 'mixed', retryOf: '01890000-0000-7000-8000-000000000000' },
      'nonsense',
      { ...GOOD, metadata: { deep: ['a\u0000b'] } },
      { ...GOOD, idempotencyKey: 'schlüssel' },
      { ...GOOD, rollbackOf: known.id },
    ]);
    expect(status).toBe(207);
    const of = (index: number): Body => body.results[index];
    expect(body.results.map((one: Body) => one.index)).toEqual([...Array(12).keys()]);
    expect(of(0)).toMatchObject({ status: 201, deployment: { project: 'mixed' } });
    expect(of(1)).toMatchObject({ status: 400, problem: { type: '/problems/invalid-request', errors: [{ pointer: '/deployments/1/project' }, { pointer: '/deployments/1/commitSha' }] } });
    expect([of(2).status, of(3).status, of(4).status]).toEqual([201, 200, 422]);
    expect(of(3).deployment).toEqual(of(2).deployment);
    expect(of(5)).toMatchObject({ status: 200, deployment: { id: known.id } });
    expect(of(6)).toMatchObject({ status: 422, problem: { type: '/problems/key-reused', key: 'natural' } });
    expect(of(7)).toMatchObject({ status: 422, problem: { type: '/problems/retry-of-not-found' } });
    expect(of(8)).toMatchObject({ status: 400, problem: { errors: [{ pointer: '/deployments/8' }] } });
    expect(of(9)).toMatchObject({ status: 400, problem: { errors: [{ pointer: '/deployments/9/metadata/deep/0' }] } });
    expect(of(10)).toMatchObject({ status: 400, problem: { errors: [{ pointer: '/deployments/10/idempotencyKey' }] } });
    expect(of(11)).toMatchObject({ status: 400, problem: { errors: [{ pointer: '/deployments/11/rollbackOf' }] } });
    expect(body).toMatchObject({ created: 2, replayed: 2, refused: 8 });
    expect(await countOf('mixed')).toBe(3);
  });

  it('counts the first of items with the same key, wherever they stand', async () => {
    const items = Array.from({ length: 300 }, (_, n) => ({ ...GOOD, project: 'order', version: `v${n}`, idempotencyKey: `order-${n % 10}`, metadata: { n } }));
    const { body } = await post(items);
    expect(body.results.map((one: Body) => one.status)).toEqual(items.map((_, n) => (n < 10 ? 201 : 422)));
  });

  it('takes five hundred, and makes no more of them when it is sent again, also at once', async () => {
    const items = Array.from({ length: 500 }, (_, n) => ({ ...GOOD, project: 'many', version: `v${n}`, idempotencyKey: `many-${n}` }));
    const answers = await Promise.all([post(items), post(items)]);
    for (const { status, body } of answers) expect([status, body.refused]).toEqual([200, 0]);
    expect(answers.reduce((sum, { body }) => sum + body.created, 0)).toBe(500);
    expect(answers[0]?.body.results.map((one: Body) => one.deployment)).toEqual(answers[1]?.body.results.map((one: Body) => one.deployment));
    expect(await countOf('many')).toBe(500);
    const [row] = await api.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM effects WHERE deployment_id IN (SELECT id FROM deployments WHERE project = 'many')`,
    );
    expect(row?.n).toBe(1000);
  });

  it.each([[[]], [Array.from({ length: 501 }, () => GOOD)], [undefined], [GOOD]])('is one to five hundred items', async (items) => {
    const { status, body } = await post(items);
    expect([status, body.errors[0].pointer]).toEqual([400, '/deployments']);
  });

  it('makes nothing twice under one key, which counts for each place', async () => {
    const items = [{ ...GOOD, project: 'keyed' }, { ...GOOD, project: 'keyed' }, { ...GOOD, project: 'keyed', idempotencyKey: 'own' }];
    const key = { 'idempotency-key': 'whole' };
    const [first, second] = [await post(items, key), await post(items, key)];
    expect([first.body.created, second.body.replayed]).toEqual([3, 3]);
    expect(second.body.results.map((one: Body) => one.deployment)).toEqual(first.body.results.map((one: Body) => one.deployment));
    const other = await post([items[0], { ...GOOD, project: 'other' }, { ...GOOD, project: 'keyed' }], key);
    expect(other.body.results.map((one: Body) => one.status)).toEqual([200, 422, 201]);
    expect((await post(items, { 'idempotency-key': '' })).body.errors[0].header).toBe('Idempotency-Key');
  });

  it('has a limit of its own for its size', async () => {
    const bulky = Array.from({ length: 50 }, () => ({ ...GOOD, project: 'bulky', metadata: { text: 'x'.repeat(15_000) } }));
    expect((await post(bulky)).status).toBe(200);
    expect((await post([...bulky, ...bulky])).body.type).toBe('/problems/body-too-large');
    expect((await api.call('GET', '/api/deployments/batch')).headers.get('allow')).toBe('POST, OPTIONS');
  });

  it('is a 503 as a whole only where nothing could be stored', async () => {
    proxy.reset();
    const away = await api.call('POST', '/api/deployments/batch', { deployments: [GOOD, GOOD] });
    expect([away.status, away.body.type, away.headers.get('retry-after')]).toEqual([503, '/problems/unavailable', '2']);
    const mixed = await api.call('POST', '/api/deployments/batch', { deployments: [GOOD, {}] });
    expect([mixed.status, ...mixed.body.results.map((one: Body) => one.status)]).toEqual([207, 503, 400]);
    expect(JSON.stringify(mixed.body)).not.toMatch(/ECONN|SELECT|127\.0\.0\.1/);
    proxy.pass();
  });
});
