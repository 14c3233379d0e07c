import { type AppProcess, type TcpProxy, type TestDatabase, spawnProcess, startTcpProxy, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SERVICES, type Service } from './fleet.js';
import { lonely } from './processes.js';

let test: TestDatabase;
let proxy: TcpProxy;
const processes = new Map<Service, AppProcess>();

beforeAll(async () => {
  test = await testDatabase();
  proxy = await startTcpProxy({ to: test.url });
  // Each is ready without Redis and without vendors, or does not start here at all.
  for (const service of SERVICES) processes.set(service, await spawnProcess(service, lonely(proxy.url)));
});
afterEach(() => {
  proxy.pass();
});
afterAll(async () => {
  for (const one of processes.values()) await one.stop();
  await proxy.stop();
  await test.drop();
});

const probe = async (service: Service, path: string): Promise<number> =>
  (await fetch(`${processes.get(service)?.url ?? ''}${path}`, { signal: AbortSignal.timeout(5_000) })).status;

describe.each(SERVICES)('%s', (service) => {
  it('is ready and alive while Redis and both vendors cannot be reached', async () => {
    expect(await probe(service, '/health/ready')).toBe(200);
    expect(await probe(service, '/health/live')).toBe(200);
  });

  it.each(['reset', 'blackhole'] as const)('is alive and not ready while Postgres answers with %s, and ready again afterwards', async (how) => {
    proxy[how]();
    await waitFor(async () => (await probe(service, '/health/ready')) === 503, { what: 'not ready' });
    expect(await probe(service, '/health/live')).toBe(200);
    proxy.pass();
    await waitFor(async () => (await probe(service, '/health/ready')) === 200, { timeoutMs: 20_000, what: 'ready' });
  });
});
