import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { latencies, record, summary } from '../dist/load/latencies.js';
import { closedLoop } from '../dist/load/closed-loop.js';
import { openLoop } from '../dist/load/open-loop.js';

const STALL_MS = 1_000;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that answers at once, but that once, after so many answers, answers nobody for a second. */
async function stallingServer(after: number): Promise<string> {
  let answered = 0;
  let stalledUntil = 0;
  const server = createServer((request, response) => {
    if (request.url !== '/health/ready') answered += 1;
    if (answered === after) stalledUntil ||= performance.now() + STALL_MS;
    const wait = stalledUntil - performance.now();
    if (wait > 0) setTimeout(() => response.end('{}'), wait);
    else response.end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const GET = [{ method: 'GET', path: '/' }] as const;

it('counts what everybody waited while the server stood still, not only those who were being served', async () => {
  const result = await openLoop({ url: await stallingServer(50), connections: 2, perSecond: 100, seconds: 3, requests: GET });

  expect(result.requests).toBe(300);
  expect(result.errors).toBe(0);
  // A hundred arrived during the stall and waited half a second on average: of three hundred, a sixth waited longer.
  expect(result.p95).toBeGreaterThan(STALL_MS / 2);
  expect(result.max).toBeGreaterThan(STALL_MS * 0.9);
});

it('cuts the time of a run into slices that hold every answer', async () => {
  const result = await openLoop({ url: await stallingServer(1_000), connections: 4, perSecond: 50, seconds: 2.5, requests: GET, sliceSeconds: 1 });

  expect(result.slices?.length).toBeGreaterThanOrEqual(2);
  expect(result.slices?.map(({ errors }) => errors).every((errors) => errors === 0)).toBe(true);
});

it('gives up who has no answer long after the end, and counts what they waited as errors and not as done', async () => {
  const silent = createServer(({ url }, response) => { if (url === '/health/ready') response.end(); });
  servers.push(silent);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;

  const result = await openLoop({ url, connections: 2, perSecond: 10, seconds: 1, requests: GET });

  expect(result).toMatchObject({ requests: 0, perSecond: 0, errors: 10 });
  expect(result.p50).toBeGreaterThan(9 * STALL_MS);
}, 30_000);

it('spreads a closed loop over several addresses and counts refusals as errors', async () => {
  const urls = [await stallingServer(1e9), await stallingServer(1e9)];
  const refusing = createServer((_request, response) => response.writeHead(503).end());
  servers.push(refusing);
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  urls.push(`http://127.0.0.1:${(refusing.address() as AddressInfo).port}`);

  const result = await closedLoop({ urls, connections: 3, seconds: 1, requests: GET });

  expect(result.requests).toBeGreaterThan(result.errors);
  expect(result.errors).toBeGreaterThan(0);
});

it('tells percentiles in milliseconds', () => {
  const times = latencies();
  for (let ms = 1; ms <= 1_000; ms += 1) record(times, ms);

  const { p50, p99, max, perSecond } = summary(times, 0, 10);

  expect(p50).toBeCloseTo(500, -1);
  expect(p99).toBeCloseTo(990, -1);
  expect(max).toBeCloseTo(1_000, -1);
  expect(perSecond).toBe(100);
});
