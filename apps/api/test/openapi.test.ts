import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { document, misfit, operations, undescribed } from './support/contract.js';
import { given } from './support/given.js';
import { exampleOf, send } from './support/send.js';
import { type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const REDOCLY = join(import.meta.dirname, '../../../node_modules/.bin/redocly');
const RULES = join(import.meta.dirname, '../../../redocly.yaml');

describe('the document', () => {
  it('is served at both mounts, and known by its tag', async () => {
    for (const path of ['/api/openapi.json', '/api/v1/openapi.json']) {
      const { status, headers, body } = await api.call('GET', path);
      expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(document))]);
      expect((await api.call('GET', path, undefined, { 'if-none-match': headers.get('etag') ?? '' })).status).toBe(304);
    }
  });

  it('passes the linter without a word', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
    try {
      await writeFile(join(folder, 'openapi.json'), JSON.stringify(document, null, 2));
      const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
      const run = promisify(execFile)(REDOCLY, ['lint', join(folder, 'openapi.json'), '--config', RULES, '--format', 'stylish'], { env });
      // With its output, so that a failure says which rule and where.
      expect(await run.catch((error: unknown) => error)).toMatchObject({ stderr: expect.stringContaining('is valid. ') as string });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names each operation once', () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has everything that the operators\' router answers', async () => {
    for (const path of ['/health', '/health/live', '/health/ready', '/health/detailed', '/metrics']) {
      expect(document.paths).toHaveProperty([path, 'get']);
      expect((await api.call('GET', path)).status).toBe(200);
    }
  });
});

describe('the example of', () => {
  it.each(operations.flatMap((operation) => ['/api', '/api/v1'].map((mount) => ({ operation, mount, name: operation.operationId }))))(
    '$name works below $mount and is answered as described',
    async ({ operation, mount }) => {
      const example = exampleOf(operation);
      expect(misfit(operation, example)).toBeNull();
      const request = await given(api, operation, example);
      // Each time another request, so that it is not the first one's answer again.
      const answer = await send(api, operation, { ...request, headers: { ...request.headers, ...(mount === '/api' ? {} : { 'idempotency-key': `${operation.operationId}-v1` }) } }, mount);
      expect([answer.status, answer.body]).toEqual([expect.toSatisfy((status: number) => status < 300), expect.anything()]);
      expect(undescribed(operation, answer)).toBeNull();
    },
  );
});

describe('the docs page', () => {
  it('takes everything from here and lets nothing else in', async () => {
    const { status, headers, body } = await api.call('GET', '/docs');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
    const parts = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(parts).toHaveLength(4);
    for (const part of parts) {
      expect(part).toMatch(/^\/docs\//);
      expect((await api.call('GET', part)).status).toBe(200);
    }
  });

  it('gives nothing else of the package away', async () => {
    for (const path of ['/docs/package.json', '/docs/index.html', '/docs/..%2fpackage.json', '/docs/swagger-ui.css.map']) {
      expect([path, (await api.call('GET', path)).body.type]).toEqual([path, '/problems/not-found']);
    }
    expect((await api.call('POST', '/docs')).status).toBe(405);
  });
});
