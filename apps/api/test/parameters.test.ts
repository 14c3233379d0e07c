import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownRoutes } from '../dist/limits/known-routes.js';
import { apiRoutes } from '../dist/routes/api-routes.js';
import { type TestApi, startTestApi } from './support/start-test-api.js';

const ID = '01a1f9c1-1f18-73d2-9c31-723516cb0a45';

/** Only looked at, never asked. */
const ROUTES = knownRoutes(apiRoutes({ jsonBody: () => undefined, largeJsonBody: () => undefined } as unknown as Parameters<typeof apiRoutes>[0]));

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const ask = (method: string, path: string, query: string) =>
  api.call(method, `/api${path.replaceAll(/:\w+/g, ID)}?${query}`, method === 'GET' ? undefined : {});

describe('every route', () => {
  it('is known', () => {
    const names = ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(names).toEqual(expect.arrayContaining(['POST /deployments', 'GET /deployments/:id', 'PUT /deployments/:id/approval']));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(ROUTES)('refuses parameters that it does not know: $method $path', async ({ method, path }) => {
    const { status, body } = await ask(method, path, 'no-such=1');
    // Some miss others that they need besides.
    expect([status, body.type, body.errors]).toEqual([
      400, '/problems/invalid-request', expect.arrayContaining([{ parameter: 'no-such', message: 'no-such is not allowed' }]),
    ]);
  });

  it.each(ROUTES)('refuses a parameter that would be a prototype: $method $path', async ({ method, path }) => {
    const { status, body } = await ask(method, path, '__proto__=1');
    expect([status, body.errors]).toEqual([400, [{ parameter: '__proto__', message: '__proto__ is not allowed' }]]);
  });

  it.each(ROUTES)('refuses parameters that are given twice, by name: $method $path', async ({ method, path }) => {
    const { status, body } = await ask(method, path, 'limit=1&limit=1&%71=a&q=b&cursor=x');
    expect([status, body.errors]).toEqual([
      400,
      [{ parameter: 'limit', message: 'limit must be given once' }, { parameter: 'q', message: 'q must be given once' }],
    ]);
  });
});
