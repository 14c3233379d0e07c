import { closedLoop } from '../load/closed-loop.js';
import { answerOn, openConnections } from '../load/connections.js';
import type { LoadRequest } from '../load/load-request.js';
import { at, latencies, summary, timed } from '../load/latencies.js';
import { ask, createRequest, getRequest, makeDeployments } from './requests.js';
import type { Scenario } from './scenario.js';

const IDS = 100;
/** Deployments of the lists of an otherwise empty database. */
const LISTED = 500;
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
    const [selects, reads] = [latencies(), latencies()];
    const connection = await openConnections(url, 1);
    const begin = performance.now();
    let errors = 0;
    for (const id of ids) {
      await timed(selects, () => pool.query('SELECT * FROM deployments WHERE id = $1', [id]));
      await timed(reads, async () => { if ((await answerOn(connection, getRequest(id))) !== 200) errors += 1; });
    }
    const seconds = (performance.now() - begin) / 1_000;
    connection.close();
    return { ...summary(reads, errors, seconds), figures: { 'SELECT p50 ms': at(selects, 50), 'read / SELECT': at(reads, 50) / at(selects, 50) } };
  };
};

/** First pages that no cache can have, since a deployment was created right before each, one at a time. */
const coldList: Scenario['prepare'] = async ({ contender, count }) => {
  const { urls: [url] } = contender;
  await makeDeployments(contender, LISTED);
  return async () => {
    const reads = latencies();
    const connection = await openConnections(url, 1);
    const begin = performance.now();
    let errors = 0;
    for (let turn = 0; turn < count; turn += 1) {
      await answerOn(connection, createRequest(turn));
      await timed(reads, async () => { if ((await answerOn(connection, LIST)) !== 200) errors += 1; });
    }
    const result = summary(reads, errors, (performance.now() - begin) / 1_000);
    connection.close();
    return result;
  };
};

export const GET: readonly Scenario[] = [
  { name: 'get', title: 'get by id, repeated, 64 connections', quick: true, seconds: 8, prepare: repeated(64) },
  { name: 'get-1000', extra: true, title: 'get by id, repeated, 1,000 connections', prepare: repeated(1_000) },
  { name: 'get-two', title: 'get by id, repeated, two API processes, 64 connections', builds: ['product'], product: { apis: 2 }, prepare: repeated(64) },
  { name: 'get-first', title: 'get by id, never read before, one at a time', warmSeconds: 1, count: 500, prepare: firstRead },
  {
    name: 'get-304',
    seconds: 8,
    title: 'get by id with If-None-Match, 64 connections',
    prepare: async ({ contender }) => {
      const ids = await makeDeployments(contender, IDS);
      const requests = await Promise.all(ids.map((id) => tagged(contender.urls[0], id)));
      return (seconds) => closedLoop({ urls: contender.urls, connections: 64, seconds, requests });
    },
  },
  {
    name: 'list',
    seconds: 8,
    title: 'list, first page of 50, repeated, 64 connections',
    quick: true,
    prepare: async ({ contender }) => {
      await makeDeployments(contender, LISTED);
      return (seconds) => closedLoop({ urls: contender.urls, connections: 64, seconds, requests: [LIST] });
    },
  },
  { name: 'list-cold', rounds: 2, title: 'list, first page of 50, each after a create, one at a time', warmSeconds: 1, count: 300, prepare: coldList },
];
