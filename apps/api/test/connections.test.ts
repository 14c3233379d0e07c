import { type RawClient, rawClient, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
let client: RawClient;

beforeAll(async () => {
  api = await startTestApi({ HEADERS_TIMEOUT: '300ms', REQUEST_TIMEOUT: '600ms', KEEP_ALIVE_TIMEOUT: '75s' });
});
afterAll(() => api.stop());
afterEach(() => client.end());

async function trickle(text: string): Promise<void> {
  const timer = setInterval(() => client.send(text), 50);
  await client.closed;
  clearInterval(timer);
}

describe('the API', () => {
  it('answers 408 to a client that sends its head slowly, and ends the connection', async () => {
    client = await rawClient(api.url);
    client.send('POST /api/deployments HTTP/1.1\r\n');
    await trickle('X-A: b\r\n');
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('answers 408 to a client that sends its body slowly, and creates nothing', async () => {
    client = await rawClient(api.url);
    const before = await api.database.query('SELECT id FROM deployments');
    client.send('POST /api/deployments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{');
    await trickle(' ');
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await api.database.query('SELECT id FROM deployments')).toEqual(before);
  });

  it('says how long it keeps an idle connection, and lets a caller wait longer for an answer than it may send', async () => {
    const { id } = await api.create();
    client = await rawClient(api.url);
    client.send(`GET /api/deployments/${id}/gate?wait=2 HTTP/1.1\r\nHost: x\r\n\r\n`);
    await waitFor(() => client.received().includes('\r\n\r\n'));
    expect(client.received()).toMatch(/^HTTP\/1\.1 20\d /);
    expect(client.received()).toContain('Keep-Alive: timeout=75');
  });
});
