import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const GOOD = { project: 'p', environment: 'e', version: 'v' };
const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: unknown, headers?: Record<string, string>) => api.call('POST', '/api/deployments', body, headers);

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { a: deep(levels - 1) };
}

describe('a body with a mistake', () => {
  it.each<[string, object, string]>([
    ['an unknown field', { ...GOOD, colour: 'red' }, '/colour'],
    ['an unknown field with a name that must be escaped', { ...GOOD, 'a/b~c': 1 }, '/a~1b~0c'],
    ['a wrong type', { ...GOOD, version: 1 }, '/version'],
    ['a text where a list belongs', { ...GOOD, links: '[]' }, '/links'],
    ['a text where an object belongs', { ...GOOD, metadata: '{}' }, '/metadata'],
    ['a list where an object belongs', { ...GOOD, metadata: [] }, '/metadata'],
    ['a missing field', { project: 'p', environment: 'e' }, '/version'],
    ['a null field that is required', { ...GOOD, project: null }, '/project'],
    ['a blank field', { ...GOOD, project: '  ' }, '/project'],
    ['a long field', { ...GOOD, project: 'x'.repeat(201) }, '/project'],
    ['a control character', { ...GOOD, project: 'a\nb' }, '/project'],
    ['NUL', { ...GOOD, description: 'a\u0000b' }, '/description'],
    ['NUL deep in metadata', { ...GOOD, metadata: { a: [{ b: '\u0000' }] } }, '/metadata/a/0/b'],
    ['NUL in a name in metadata', { ...GOOD, metadata: { 'a\u0000': 1 } }, '/metadata/a\u0000'],
    ['half a surrogate pair', { ...GOOD, metadata: { a: '\ud800' } }, '/metadata/a'],
    ['metadata that is too deep', { ...GOOD, metadata: deep(40) }, `/metadata${'/a'.repeat(31)}`],
    ['metadata that is too large', { ...GOOD, metadata: { a: 'x'.repeat(16 * 1024) } }, '/metadata'],
    ['no commit', { ...GOOD, commitSha: 'main' }, '/commitSha'],
    ['a short commit', { ...GOOD, commitSha: 'abc' }, '/commitSha'],
    ['no e-mail address', { ...GOOD, requestedBy: 'rita' }, '/requestedBy'],
    ['no UUID', { ...GOOD, retryOf: '1' }, '/retryOf'],
    ['a link without title', { ...GOOD, links: [{ url: 'https://x.y' }] }, '/links/0/title'],
    ['a link that is a script', { ...GOOD, links: [{ title: 'x', url: 'javascript:alert(1)' }] }, '/links/0/url'],
    ['too many links', { ...GOOD, links: Array.from({ length: 21 }, () => ({ title: 'x', url: 'https://x.y' })) }, '/links'],
    ['a long description', { ...GOOD, description: 'x'.repeat(4001) }, '/description'],
  ])('%s is refused with a pointer to it', async (_what, body, pointer) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
    expect(answer.body.errors[0].message).not.toBe('');
  });

  it('is told every mistake at once', async () => {
    const { body } = await post({ project: 1, colour: 2, links: [{}] });
    expect(body.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      '/colour', '/environment', '/links/0/title', '/links/0/url', '/project', '/version',
    ]);
    expect(body.detail).toMatch(/and 5 more/);
  });

  it('cannot bring fields in through a prototype', async () => {
    const { status, body } = await post('{"environment":"e","version":"v","__proto__":{"project":"p"}}', JSON_TYPE);
    expect([status, body.errors[0].pointer]).toEqual([400, '/__proto__']);
  });

  it('must be an object', async () => {
    for (const text of ['null', '[]', '"x"', '7', 'true']) {
      const { status, body } = await post(text, JSON_TYPE);
      expect([text, status, body.errors[0].pointer]).toEqual([text, 400, '']);
    }
  });

  it('may not hold a number that cannot be stored', async () => {
    const { status, body } = await post('{"project":"p","environment":"e","version":"v","metadata":{"n":1e999}}', JSON_TYPE);
    expect([status, body.errors[0].pointer]).toEqual([400, '/metadata/n']);
  });
});

describe('a body that cannot be read', () => {
  it('of 2 MB is refused for its size', async () => {
    const { status, body } = await post({ ...GOOD, description: 'x'.repeat(2 * 1024 * 1024) });
    expect([status, body.type]).toEqual([413, '/problems/body-too-large']);
    expect(body.detail).toContain('262144');
  });

  it('of 2 MB without a Content-Length is refused too, and the connection can be used again', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(`${api.url}/api/deployments`, { method: 'POST', headers: JSON_TYPE }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
      for (let index = 0; index < 32; index += 1) request.write('x'.repeat(64 * 1024));
      request.end();
    });
    expect(status).toBe(413);
  });

  it.each([
    ['{"a":1,}', /Expected double-quoted property name at line 1, column 8\./],
    ['{"project": "p",\n "version": "v"', /at line 2, column 16\./],
    ['{"a": nope}', /Unexpected token 'o'/],
    ['project=p', /Unexpected token 'p'/],
  ])('%j is refused with what and where', async (text, detail) => {
    const { status, body } = await post(text, JSON_TYPE);
    expect([status, body.type]).toEqual([400, '/problems/malformed-json']);
    expect(body.detail).toMatch(detail);
  });

  it('of another content type is refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json', 'nonsense']) {
      const { status, body } = await post('{}', { 'content-type': type });
      expect([type, status, body.type]).toEqual([type, 415, '/problems/unsupported-media-type']);
    }
  });

  it('without content type is refused', async () => {
    const response = await fetch(`${api.url}/api/deployments`, { method: 'POST', body: new Uint8Array([123, 125]) });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('names none') as string });
  });

  it('of another character set or encoding is refused', async () => {
    expect((await post('{}', { 'content-type': 'application/json; charset=koi8-r' })).status).toBe(415);
    expect((await post('{}', { ...JSON_TYPE, 'content-encoding': 'zip' })).status).toBe(415);
    expect((await post('{}', { ...JSON_TYPE, 'content-encoding': 'gzip' })).status).toBe(400);
  });

  it('is missed where there is none', async () => {
    const { status, body } = await api.call('POST', '/api/deployments');
    expect([status, body.type]).toEqual([400, '/problems/invalid-request']);
  });
});

describe('an address', () => {
  it.each(['/', '/api', '/api/v2/deployments', '/api/deployments/x/y', '/favicon.ico'])('%s that does not exist is a problem', async (path) => {
    const { status, headers, body } = await api.call('GET', path);
    expect(status).toBe(404);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: '/problems/not-found',
      title: 'There is nothing at this address',
      status: 404,
      detail: `There is nothing at ${path}.`,
      instance: path,
      requestId: headers.get('x-request-id'),
    });
  });

  it.each(['7', 'x', '01890000-0000-7000-8000-000000000000', '%00', "'; DROP TABLE deployments"])('with the id %s finds nothing', async (id) => {
    for (const [method, path, body] of [
      ['GET', '', undefined], ['GET', '/events', undefined], ['PUT', '', { status: 'in_progress' }],
      ['PUT', '/approval', { decision: 'approve', approver: 'a@b.cd' }],
    ] as const) {
      const answer = await api.call(method, `/api/deployments/${encodeURIComponent(id)}${path}`, body);
      expect([answer.status, answer.body.type]).toEqual([404, '/problems/deployment-not-found']);
    }
  });

  it('that is wrongly encoded is a bad request', async () => {
    expect((await api.call('GET', '/api/deployments/%E0%A4%A')).status).toBe(400);
  });

  it('does not take other methods and says which', async () => {
    const { status, headers, body } = await api.call('DELETE', '/api/deployments');
    expect([status, headers.get('allow'), body.type]).toEqual([405, 'GET, POST, HEAD, OPTIONS', '/problems/method-not-allowed']);
    expect((await api.call('PATCH', '/api/deployments/1')).headers.get('allow')).toBe('GET, PUT, HEAD, OPTIONS');
    expect((await api.call('GET', '/api/slack/webhook')).headers.get('allow')).toBe('POST, OPTIONS');
    expect((await api.call('OPTIONS', '/api/deployments')).status).toBe(204);
  });

  it('that takes no parameters refuses them', async () => {
    const { id } = await api.create();
    expect((await api.call('GET', `/api/deployments/${id}?full=1`)).body.errors).toEqual([{ parameter: 'full', message: 'full is not allowed' }]);
  });
});

describe('the request id', () => {
  it('is taken from the caller where it is sane, else made', async () => {
    const given = await api.call('GET', '/nowhere', undefined, { 'x-request-id': 'run-1.2_3' });
    expect([given.headers.get('x-request-id'), given.body.requestId]).toEqual(['run-1.2_3', 'run-1.2_3']);
    for (const bad of ['a b', 'x'.repeat(129), '{"a":1}']) {
      const { body } = await api.call('GET', '/nowhere', undefined, { 'x-request-id': bad });
      expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
