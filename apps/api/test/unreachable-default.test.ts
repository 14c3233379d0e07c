import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ DEFAULT_APPROVALS_REQUIRED: '2' });
});
afterAll(() => api.stop());
beforeEach(() => api.database.query('TRUNCATE environments, configurations, setting_events'));

const people = (count: number): string[] => Array.from({ length: count }, (_, n) => `p${n}@example.com`);
const require = (value: unknown): Promise<Answer> => api.call('PUT', '/api/configurations/approvals.required', { value });
const make = (name: string, approvalPolicy: object): Promise<Answer> => api.call('POST', '/api/environments', { name, approvalPolicy });
const edit = (name: string, approvalPolicy: object): Promise<Answer> => api.call('PUT', `/api/environments/${name}`, { approvalPolicy });

describe('a default number of approvals', () => {
  it('is not raised beyond the people of an environment that rests on it, and the refusal names all of those', async () => {
    await make('b', { eligible: people(2) });
    await make('a', { eligible: people(3) });
    await make('own', { eligible: people(2), required: 2 });
    await make('anybody', {});
    const { status, body } = await require(4);
    expect([status, body.type, body.environments, body.errors[0].pointer]).toEqual([422, '/problems/quorum-unreachable', ['a', 'b'], '/value']);
    expect(body.detail).toContain('a, b: change the policies there first');
    expect((await require(3)).body.environments).toEqual(['b']);
    expect((await api.call('GET', '/api/configurations/approvals.required')).body).toMatchObject({ value: 2, isDefault: true, revision: 0 });
    await edit('b', { required: 1 });
    expect((await require(3)).status).toBe(200);
  });

  it('is not let go for a variable that says more', async () => {
    expect((await require(1)).status).toBe(200);
    expect((await make('c', { eligible: people(1) })).status).toBe(201);
    const { status, body } = await api.call('DELETE', '/api/configurations/approvals.required');
    expect([status, body.environments]).toEqual([422, ['c']]);
  });

  it('may be beyond an archived environment, which is then not restored', async () => {
    await make('old', { eligible: people(2) });
    await api.call('POST', '/api/environments/old/archive');
    expect((await require(3)).status).toBe(200);
    expect((await api.call('POST', '/api/environments/old/restore')).body.type).toBe('/problems/quorum-unreachable');
    await require(2);
    expect((await api.call('POST', '/api/environments/old/restore')).status).toBe(200);
  });

  it('and policies that rest on it never meet, however they are changed at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      await api.database.query('TRUNCATE environments, configurations, setting_events');
      await make('e', {});
      const answers = await Promise.all([require(3), edit('e', { eligible: people(2) }), make('n', { eligible: people(2) })]);
      expect(answers.map(({ status }) => status)).toContain(422);
      const [{ unreachable } = { unreachable: -1 }] = await api.database.query<{ unreachable: number }>(
        `SELECT count(*)::int AS unreachable FROM environments WHERE approvals_required IS NULL
           AND cardinality(eligible) < coalesce((SELECT value::int FROM configurations WHERE key = 'approvals.required'), 2)`,
      );
      expect(unreachable).toBe(0);
    }
  });
});
