import { connectionLimits, createHealth, createMetrics, opsRouter, processConfig, loadConfig, startOpsServer, type OpsServer } from '@deptracker/runtime';
import { type RawClient, rawClient, waitFor } from '@deptracker/testkit';
import { afterEach, describe, expect, it } from 'vitest';

const ASK = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
const BRIEF = { KEEP_ALIVE_TIMEOUT: 65_000, HEADERS_TIMEOUT: 300, REQUEST_TIMEOUT: 600 };

let server: OpsServer;
let client: RawClient | null = null;

afterEach(async () => {
  client?.end();
  await server.close();
});

async function start(variables: Partial<typeof BRIEF> = {}): Promise<void> {
  const limits = connectionLimits({ ...BRIEF, ...variables });
  const metrics = createMetrics({ service: 'test' });
  const health = createHealth({ service: 'test', version: '1', components: [] });
  server = await startOpsServer({ host: '127.0.0.1', port: 0, router: opsRouter({ health, metrics }), metrics, limits });
  client = await rawClient(`http://127.0.0.1:${server.port}`);
}

/** One byte every 50 ms until the server has enough of it. */
async function trickle(text: string): Promise<void> {
  let at = 0;
  const timer = setInterval(() => client?.send(text[at++ % text.length] ?? ''), 50);
  await client?.closed;
  clearInterval(timer);
}

describe('a server', () => {
  it('answers 408 to a client that sends its head byte by byte, and ends the connection', async () => {
    await start();
    client?.send('GET /health/live HTTP/1.1\r\nX-Slow: ');
    await trickle('a');
    expect(client?.received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('answers 408 to a client that sends its body byte by byte', async () => {
    await start();
    client?.send('GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
    await trickle('a');
    // What needs no body is answered before; the connection goes all the same.
    expect(client?.received()).toMatch(/^HTTP\/1\.1 (200|408) /);
  });

  it('ends a connection over which nothing ever comes', async () => {
    await start();
    await client?.closed;
    expect(client?.received()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('keeps an idle connection beyond the time that a head may take', async () => {
    await start({ HEADERS_TIMEOUT: 200 });
    const other = await rawClient(`http://127.0.0.1:${server.port}`);
    client?.send(ASK);
    await waitFor(() => client?.received().includes('"status":"ok"'));
    // By then our own would have been looked at too.
    await other.closed;
    client?.send(ASK);
    await waitFor(() => (client?.received().match(/"status":"ok"/g)?.length ?? 0) === 2);
    expect(client?.received()).toContain('Keep-Alive: timeout=65');
  });
});

describe('the limits of connections', () => {
  const load = (env: Record<string, string>) => loadConfig(env, [processConfig(8080)]);

  it('outlast a load balancer that keeps idle connections for a minute', async () => {
    const config = load({});
    await start(config);
    expect(config.KEEP_ALIVE_TIMEOUT).toBeGreaterThan(60_000);
    expect(connectionLimits(config)).toEqual({ keepAliveTimeout: 65_000, headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 2_000 });
  });

  it('are refused where a head may take longer than the whole request', async () => {
    await start();
    expect(() => load({ HEADERS_TIMEOUT: '40s' })).toThrow(/HEADERS_TIMEOUT \(40s\) must not exceed REQUEST_TIMEOUT \(30s\)/);
    expect(load({ HEADERS_TIMEOUT: '40s', REQUEST_TIMEOUT: '40s', KEEP_ALIVE_TIMEOUT: '5m' })).toMatchObject({ KEEP_ALIVE_TIMEOUT: 300_000 });
  });
});
