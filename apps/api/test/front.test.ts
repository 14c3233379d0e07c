import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from './support/start-test-api.js';

const PAGE = 'https://dash.example.com';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ CORS_ORIGINS: `${PAGE},http://127.0.0.1:3000` });
});
afterAll(() => api.stop());

interface Raw {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
}

/** An answer as it comes over the wire; fetch unpacks it and says nothing. */
async function raw(path: string, headers: Record<string, string>, method = 'GET'): Promise<Raw> {
  return new Promise((resolve, reject) => {
    request(new URL(path, api.url), { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the headers of helmet', () => {
  const EXPECTED = {
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  };

  it.each([
    ['an answer', 200, '/api/deployments'],
    ['a refusal', 400, '/api/deployments?nonsense=1'],
    ['an address that there is not', 404, '/nothing'],
    ['health', 200, '/health'],
  ])('stand on %s', async (_what, status, path) => {
    const answer = await raw(path, {});
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(EXPECTED);
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });

  it('let the pages below /docs run scripts of ours', async () => {
    const { headers } = await raw('/docs/', {});
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers).toMatchObject({ ...EXPECTED, 'content-security-policy': expect.stringContaining("default-src 'none'") as string });
  });
});

describe('packed answers', () => {
  let id: string;
  let path: string;
  beforeAll(async () => {
    ({ id } = await api.create({ description: 'x'.repeat(3_000) }));
    path = `/api/deployments/${id}`;
  });

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('say in %s what the plain ones say', async (encoding, unpack) => {
    const [plain, packed] = [await raw(path, {}), await raw(path, { 'accept-encoding': encoding })];
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe(encoding);
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(unpack(packed.bytes).equals(plain.bytes)).toBe(true);
    for (const { headers } of [plain, packed]) expect(headers['vary']).toContain('Accept-Encoding');
  });

  it('have a weak tag, which a later read and a change take', async () => {
    const { headers: plain } = await raw(path, {});
    const { headers: packed } = await raw(path, { 'accept-encoding': 'gzip' });
    expect(plain['etag']).toMatch(/^"/);
    expect(packed['etag']).toBe(`W/${String(plain['etag'])}`);
    const tag = String(packed['etag']);
    const known = await raw(path, { 'accept-encoding': 'gzip', 'if-none-match': tag });
    expect([known.status, known.headers['etag'], known.bytes.length]).toEqual([304, tag, 0]);
    const plainly = await raw(path, { 'if-none-match': String(plain['etag']) });
    expect([plainly.status, plainly.headers['etag']]).toEqual([304, plain['etag']]);
    const changed = await api.call('PUT', path, { description: 'x'.repeat(3_001) }, { 'if-match': tag });
    expect(changed.status).toBe(200);
    expect((await api.call('PUT', path, { description: 'y' }, { 'if-match': tag })).status).toBe(412);
  });

  it('are not made of small answers, of bodies that nobody sends, or for who does not want them', async () => {
    const encodingOf = async (...of: Parameters<typeof raw>) => (await raw(...of)).headers['content-encoding'];
    expect(await encodingOf('/api/deployments?limit=1&project=none', { 'accept-encoding': 'gzip' })).toBeUndefined();
    expect(await encodingOf(path, { 'accept-encoding': 'gzip' }, 'HEAD')).toBeUndefined();
    expect(await encodingOf(path, { 'accept-encoding': 'identity' })).toBeUndefined();
    expect(await encodingOf(path, { 'accept-encoding': 'gzip;q=0' })).toBeUndefined();
    expect(await encodingOf('/metrics', { 'accept-encoding': 'gzip' })).toBe('gzip');
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string, path = '/api/deployments') =>
    raw(path, { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,idempotency-key' }, 'OPTIONS');

  it('that are listed may ask, and read what they need', async () => {
    const { status, headers } = await preflight(PAGE);
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
      'access-control-max-age': '7200',
    });
    for (const name of ['Content-Type', 'Idempotency-Key', 'If-Match', 'X-Request-Id']) {
      expect(headers['access-control-allow-headers']).toContain(name);
    }
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
    expect(headers).not.toHaveProperty('ratelimit');
    const answer = await raw('/api/v1/deployments', { origin: PAGE });
    expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
    expect(answer.headers['access-control-expose-headers']).toBe(
      'ETag,Location,RateLimit,RateLimit-Policy,Retry-After,Idempotent-Replayed,X-Request-Id',
    );
    expect((await raw('/api/deployments?x=1', { origin: PAGE })).headers['access-control-allow-origin']).toBe(PAGE);
  });

  it.each(['https://evil.example.com', 'https://dash.example.com.evil.com', 'http://dash.example.com', 'null'])(
    'that are not listed are told nothing: %s',
    async (origin) => {
      for (const { headers } of [await preflight(origin), await raw('/api/deployments', { origin })]) {
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
        expect(headers['vary']).toContain('Origin');
      }
    },
  );

  it('leave OPTIONS as it is for everybody else', async () => {
    const { status, headers } = await raw('/api/deployments', {}, 'OPTIONS');
    expect([status, headers['allow']]).toEqual([204, 'GET, POST, HEAD, OPTIONS']);
    expect(headers['vary']).toContain('Origin');
  });

  it('may not ask anything of an API without a list', async () => {
    const closed = await startTestApi();
    const answer = await closed.call('GET', '/api/deployments', undefined, { origin: PAGE });
    await closed.stop();
    expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([200, null, 'Accept-Encoding']);
  });
});
