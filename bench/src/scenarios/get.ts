import { closedLoop } from '../load/closed-loop.js';
import { openConnections } from '../load/connections.js';
import type { LoadRequest } from '../load/load-request.js';
import { timed } from '../load/latencies.js';
import { ask, getRequest, makeDeployments } from './requests.js';
import type { Scenario } from './scenario.js';

const IDS = 100;
const LIST: LoadRequest = { method: 'GET', path: '/api/deployments?limit=50' };

const repeated = (connections: number): Scenario['prepare'] => async ({ contender }) => {
  const requests = (await makeDeployments(contender, IDS)).map(getRequest);
  return (seconds) => closedLoop({ urls: contender.urls, connections, seconds, requests });
};

async function tagged(url: string, id: string): Promise<LoadRequest> {
  const request = getRequest(id);
  const tag = (await fetch(`${url}${request.path}`)).headers.get('etag');
  if (tag === null) throw new Error(`${url} gives no ETag.`);
  return { ...request, headers: { 'if-none-match': tag } };
}

/** A first read beside one SELECT of the same row, in turn, each on a connection that is open. */
const firstRead: Scenario['prepare'] = async ({ contender, count }) => {
  const { urls: [url], pool } = contender;
  await ask(url, LIST);
  return async () => {
    const ids = await makeDeployments(contender, count);
    const selects = await timed(count, async (turn) => { await pool.query('SELECT * FROM deployments WHERE id = $1', [ids[turn]]); });
    const connection = await openConnections(url, 1);
    const reads = await timed(count, (turn) => new Promise((resolve) => connection.send(getRequest(ids[turn] ?? ''), () => resolve())));
    await connection.close();
    return { ...reads, figures: { 'SELECT p50 ms': selects.p50, 'read / SELECT': reads.p50 / selects.p50 } };
  };
};

export const GET: readonly Scenario[] = [
  { name: 'get', title: 'get by id, repeated, 64 connections', quick: true, prepare: repeated(64) },
  { name: 'get-1000', title: 'get by id, repeated, 1,000 connections', prepare: repeated(1_000) },
  { name: 'get-two', title: 'get by id, repeated, two API processes, 64 connections', builds: ['product'], product: { apis: 2 }, prepare: repeated(64) },
  { name: 'get-first', title: 'get by id, never read before, one at a time', rounds: 5, warmSeconds: 1, count: 500, prepare: firstRead },
  {
    name: 'get-304',
    title: 'get by id with If-None-Match, 64 connections',
    prepare: async ({ contender }) => {
      const ids = await makeDeployments(contender, IDS);
      const requests = await Promise.all(ids.map((id) => tagged(contender.urls[0], id)));
      return (seconds) => closedLoop({ urls: contender.urls, connections: 64, seconds, requests });
    },
  },
  {
    name: 'list',
    title: 'list, first page of 50, repeated, 64 connections',
    quick: true,
    prepare: async ({ contender }) => {
      await makeDeployments(contender, 500);
      return (seconds) => closedLoop({ urls: contender.urls, connections: 64, seconds, requests: [LIST] });
    },
  },
];
