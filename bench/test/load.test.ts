import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { cpuSecondsWithChildren } from '../dist/ground/use.js';
import { closedLoop } from '../dist/load/closed-loop.js';
import { latencies, record, summary } from '../dist/load/latencies.js';
import { openLoop } from '../dist/load/open-loop.js';
import { createRequests } from '../dist/scenarios/requests.js';
import { listening } from './listening.js';

const STALL_MS = 1_000;

/** A server that answers at once, but that once, after so many answers, answers nobody for a second. */
function stallingServer(after: number): Promise<string> {
  let answered = 0;
  let stalledUntil = 0;
  return listening(createServer((request, response) => {
    if (request.url !== '/health/ready') answered += 1;
    if (answered === after) stalledUntil ||= performance.now() + STALL_MS;
    const wait = stalledUntil - performance.now();
    if (wait > 0) setTimeout(() => response.end('{}'), wait);
    else response.end('{}');
  }));
}

/** A server that keeps what it is sent. */
function recordingServer(bodies: string[]): Promise<string> {
  return listening(createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => { body += bytes; });
    request.on('end', () => {
      if (request.method === 'POST') bodies.push(body);
      response.end('{}');
    });
  }));
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
  const url = await listening(createServer(({ url }, response) => { if (url === '/health/ready') response.end(); }));

  const result = await openLoop({ url, connections: 2, perSecond: 10, seconds: 1, requests: GET });

  expect(result).toMatchObject({ requests: 0, perSecond: 0, errors: 10 });
  expect(result.p50).toBeGreaterThan(9 * STALL_MS);
}, 30_000);

it('spreads a closed loop over several addresses and counts refusals as errors', async () => {
  const urls = [await stallingServer(1e9), await stallingServer(1e9)];
  urls.push(await listening(createServer((_request, response) => response.writeHead(503).end())));
  const times = latencies();

  const result = await closedLoop({ urls, connections: 3, seconds: 1, requests: GET, addTo: times });

  expect(result.requests).toBeGreaterThan(result.errors);
  expect(result.errors).toBeGreaterThan(0);
  expect(times.totalCount).toBe(result.requests);
  expect(result.perSecond).toBeCloseTo(result.requests, -4);
});

it('counts in a closed loop each answer with what it took, and adds nothing to it', async () => {
  const result = await closedLoop({ urls: [await stallingServer(100)], connections: 1, seconds: 2, requests: GET });

  // One waited for a second; those who would have come meanwhile did not.
  expect(result.max).toBeGreaterThan(STALL_MS * 0.9);
  expect(result.p99).toBeLessThan(STALL_MS / 10);
});

it('never creates the same twice, neither in loops beside each other nor one after the other', async () => {
  const bodies: string[] = [];
  const url = await recordingServer(bodies);
  const requests = createRequests('staging');

  const closed = await closedLoop({ urls: [url, url], connections: 4, seconds: 1, requests });
  const open = await openLoop({ url, connections: 2, perSecond: 400, seconds: 1, requests });
  const made = bodies.map((body) => JSON.parse(body));

  expect([closed.errors, open.errors]).toEqual([0, 0]);
  expect(made.length).toBeGreaterThanOrEqual(closed.requests + open.requests);
  for (const field of ['version', 'commitSha']) expect(new Set(made.map((one) => one[field].slice(-9))).size).toBe(made.length);
  expect(new Set(made.map(({ project }) => project)).size).toBe(50);
  expect(made[0]).toMatchObject({ environment: 'staging', commitSha: expect.stringMatching(/^0{31}\d{9}$/), metadata: { pipeline: expect.stringMatching(/^\d{9}$/) } });
});

it('says what was wrong when the load cannot be made', async () => {
  const closed = createServer();
  const url = await listening(closed);
  await new Promise((resolve) => closed.close(resolve));

  await expect(closedLoop({ urls: [url], connections: 1, seconds: 1, requests: GET })).rejects.toThrow(/^wrk against http:.* failed: unable to connect/);
  await expect(closedLoop({ urls: [url], connections: 1, seconds: 1, requests: [] })).rejects.toThrow('A load without requests.');
  await expect(openLoop({ url, connections: 1, perSecond: 1, seconds: 1, requests: GET })).rejects.toThrow(/ready gives no answer/);
});

it('counts the CPU time of a process that it has started and that has ended', () => {
  const before = cpuSecondsWithChildren(process.pid);
  spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 300_000) {}']);

  expect(cpuSecondsWithChildren(process.pid) - before).toBeGreaterThanOrEqual(0.28);
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
