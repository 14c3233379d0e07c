import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouteTable } from '../dist/straight/route-table.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

const PAGE = 'https://dash.example.com';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Raw {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** What must differ between two requests, or by what they are told apart here. */
function comparable({ status, headers, text }: Raw): Raw {
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !['date', 'x-request-id'].includes(name)));
  const limit = String(rest['ratelimit'] ?? '').replace(/r=\d+; t=\d+/, 'r=; t=');
  const plain = text.replace(/"requestId":"[^"]*"/, '').replace(/"instance":"[^"]*"/, (instance) => instance.toLowerCase());
  return { status, headers: { ...rest, ratelimit: limit }, text: plain };
}

async function send(url: string, { method = 'GET', path, headers = {}, body }: Sent): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** A capital is the same address to Express, and none that the table knows. */
const detour = ({ path, ...rest }: Sent): Sent => ({
  ...rest,
  path: path.replace(/^(\/api(?:\/v1)?\/)(\w)/, (_all, mount: string, letter: string) => mount + letter.toUpperCase()),
});

describe('an operation that is served straight', () => {
  let api: TestApi;
  let one: Body;
  beforeAll(async () => {
    api = await startTestApi({ CORS_ORIGINS: PAGE, BODY_LIMIT: '8kb' });
    one = await api.create({ description: 'x'.repeat(2_000), externalId: 'run-1', source: 'ci' });
  });
  afterAll(() => api.stop());

  const created = { project: 'user-service', environment: 'production', version: '1.2.3', source: 'ci', externalId: 'run-2' };
  const post = (body: string, headers: Record<string, string> = {}): Sent => ({ method: 'POST', path: '/api/deployments', headers: { ...JSON_TYPE, ...headers }, body });
  const cases: [string, () => Sent][] = [
    ['a deployment', () => ({ path: `/api/deployments/${one.id}` })],
    ['a deployment under the mount with a version', () => ({ path: `/api/v1/deployments/${one.id}` })],
    ['a packed deployment', () => ({ path: `/api/deployments/${one.id}`, headers: { 'accept-encoding': 'gzip' } })],
    ['a deployment for a page of another origin', () => ({ path: `/api/deployments/${one.id}`, headers: { origin: PAGE } })],
    ['a deployment for a page that is not listed', () => ({ path: `/api/deployments/${one.id}`, headers: { origin: 'https://x.example' } })],
    ['a deployment that is known', () => ({ path: `/api/deployments/${one.id}`, headers: { 'if-none-match': '*' } })],
    ['a deployment that there is not', () => ({ path: '/api/deployments/01a1f9c1-1f18-73d2-9c31-723516cb0a45' })],
    ['an id that is none', () => ({ path: '/api/deployments/no-id' })],
    ['a list', () => ({ path: '/api/deployments?limit=1' })],
    ['a wrong parameter', () => ({ path: '/api/deployments?limit=none&more=1' })],
    ['a parameter that is given twice', () => ({ path: '/api/deployments?limit=1&limit=2' })],
    ['the events of a deployment', () => ({ path: `/api/deployments/${one.id}/events` })],
    ['a create that was made before', () => post(JSON.stringify({ ...created, externalId: 'run-1', description: 'x'.repeat(2_000) }))],
    ['a create with mistakes', () => post('{"project":" ","more":1}')],
    ['a create that is no JSON', () => post('{"project"')],
    ['a create without a body', () => ({ method: 'POST', path: '/api/deployments' })],
    ['a create of another type', () => post('{}', { 'content-type': 'text/plain' })],
    ['a create that is too large', () => post(JSON.stringify({ ...created, description: 'x'.repeat(9_000) }))],
    ['a change of another revision', () => ({ method: 'PUT', path: `/api/deployments/${one.id}`, headers: { ...JSON_TYPE, 'if-match': '"99"' }, body: '{"description":"y"}' })],
    ['a method that there is not', () => ({ method: 'DELETE', path: `/api/deployments/${one.id}` })],
  ];

  it.each(cases)('answers %s as Express would', async (_name, make) => {
    // What is found in a cache first must not tell the two apart.
    await send(api.url, make());
    const sent = make();
    expect(comparable(await send(api.url, sent))).toEqual(comparable(await send(api.url, detour(sent))));
  });

  it('gives back the id that its caller chose, and makes one otherwise', async () => {
    const path = `/api/deployments/${one.id}`;
    expect((await send(api.url, { path, headers: { 'x-request-id': 'mine' } })).headers['x-request-id']).toBe('mine');
    expect((await send(api.url, { path, headers: { 'x-request-id': 'not sane!' } })).headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('is counted under the same name', async () => {
    const path = `/api/deployments/${one.id}/approval`;
    await send(api.url, { path });
    await send(api.url, detour({ path }));
    const { text } = await send(api.url, { path: '/metrics' });
    expect(text).toMatch(/http_requests_total\{method="GET",route="\/api\/deployments\/:id\/approval",status="\d+"\} 2/);
  });
});

it('counts a client in the same bucket, whichever way its requests go, and refuses them alike', async () => {
  const api = await startTestApi({ RATE_LIMIT_PER_IP: '4' });
  const sent = { path: '/api/projects' };
  const left = (raw: Raw): string => /r=(\d+)/.exec(String(raw.headers['ratelimit']))?.[1] ?? '';
  const answers = [];
  for (const one of [sent, detour(sent), sent, detour(sent)]) answers.push(left(await send(api.url, one)));
  expect(answers).toEqual(['3', '2', '1', '0']);
  const refused = await send(api.url, sent);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  const seconds = ({ text, ...rest }: Raw): Raw => ({ ...rest, headers: { ...rest.headers, 'retry-after': '' }, text: text.replace(/in \d+ s/, '') });
  const [straight, routed] = [refused, await send(api.url, detour(sent))].map((one) => seconds(comparable(one)));
  expect({ ...straight, headers: { ...straight?.headers, 'content-length': '' } }).toEqual({ ...routed, headers: { ...routed?.headers, 'content-length': '' } });
  await api.stop();
});

describe('a table of addresses', () => {
  const table = new RouteTable<string>();
  table.add('GET', '/api/things/:id', 'thing');
  table.add('GET', '/api/things/:id/parts/:part', 'part');
  table.add('POST', '/api/things/batch', 'batch');

  it('finds what is written as its pattern has it, with its parameters', () => {
    expect(table.find('GET', '/api/things/7?a=/b')).toEqual({ way: 'thing', params: { id: '7' } });
    expect(table.find('GET', '/api/things/7/parts/x.y~z')).toEqual({ way: 'part', params: { id: '7', part: 'x.y~z' } });
    expect(table.find('POST', '/api/things/batch')).toEqual({ way: 'batch', params: {} });
  });

  it.each([
    '/api/things/7/', '/API/things/7', '/api//things/7', '/api/things/a%20b', '/api/things/', '/api/things', '/', '', '?', '/api/things/7#x',
    'http://host/api/things/7', 'xapi/things/7', '/api/things/batch', '/api/things/Batch', '/api/things/7/parts', '/api/things/../things/7', '/api/things/é',
  ])('leaves %j to Express', (url) => {
    expect(table.find('GET', url)).toBeNull();
    expect(table.find('HEAD', url)).toBeNull();
  });
});
