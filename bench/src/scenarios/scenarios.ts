import type { Contender } from '../contender.js';
import { type LoadRequest, closedLoop } from '../load/closed-loop.js';
import { openLoop } from '../load/open-loop.js';
import { createRequest, getRequests } from './requests.js';
import type { Scenario } from './scenario.js';

/** Ids of deployments that are there, made where there are too few. */
async function someIds(contender: Contender, count: number): Promise<string[]> {
  const find = async (): Promise<string[]> => {
    const { rows } = await contender.pool.query<{ id: string }>('SELECT id FROM deployments ORDER BY created_at DESC LIMIT $1', [count]);
    return rows.map(({ id }) => id);
  };
  const there = await find();
  if (there.length >= count) return there;
  for (let made = there.length; made < count; made += 1) {
    const { method, path, headers = {}, body = '' } = createRequest();
    await fetch(`${contender.urls[0]}${path}`, { method, headers, body });
  }
  return find();
}

const saturate = (connections: number, requests: (contender: Contender) => Promise<() => LoadRequest>): Scenario['run'] => async (contender, { seconds }) =>
  closedLoop({ url: contender.urls[0], connections, seconds, next: await requests(contender) });

const creates = (): Promise<() => LoadRequest> => Promise.resolve(createRequest);
const reads = async (contender: Contender): Promise<() => LoadRequest> => getRequests(await someIds(contender, 100));

const conditionalReads = async (contender: Contender): Promise<() => LoadRequest> => {
  const tagged = await Promise.all(
    (await someIds(contender, 100)).map(async (id) => {
      const path = `/api/deployments/${id}`;
      const tag = (await fetch(`${contender.urls[0]}${path}`)).headers.get('etag');
      return { method: 'GET' as const, path, ...(tag === null ? {} : { headers: { 'if-none-match': tag } }) };
    }),
  );
  let turn = 0;
  return () => tagged[(turn += 1) % tagged.length] ?? { method: 'GET', path: '/' };
};

const firstPages = async (contender: Contender): Promise<() => LoadRequest> => {
  await someIds(contender, 100);
  return () => ({ method: 'GET', path: '/api/deployments?limit=50' });
};

/** 70 % reads, 25 % creates, 5 % lists by project. */
const mixed = async (contender: Contender): Promise<() => LoadRequest> => {
  const read = await reads(contender);
  let turn = 0;
  return () => {
    turn += 1;
    if (turn % 20 === 0) return { method: 'GET', path: '/api/deployments?project=service-1&limit=20' };
    return turn % 4 === 0 ? createRequest() : read();
  };
};

const offered = (perSecond: number): Scenario['run'] => ({ urls }, { seconds }) =>
  openLoop({ url: urls[0], connections: 1_000, perSecond, seconds, next: createRequest });

/** Everything that both builds are asked to do, in this order. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'create-64', title: 'create, as many as it takes, 64 connections', run: saturate(64, creates) },
  { name: 'create-1000', title: 'create, as many as it takes, 1,000 connections', run: saturate(1_000, creates) },
  { name: 'create-1200', title: 'create, 1,200/s offered over 1,000 connections', run: offered(1_200) },
  { name: 'create-4800', title: 'create, 4,800/s offered over 1,000 connections', long: true, run: offered(4_800) },
  { name: 'get-64', title: 'get by id, 64 connections', run: saturate(64, reads) },
  { name: 'get-1000', title: 'get by id, 1,000 connections', run: saturate(1_000, reads) },
  { name: 'get-304', title: 'get by id with If-None-Match, 64 connections', run: saturate(64, conditionalReads) },
  { name: 'list-64', title: 'first page of 50, 64 connections', run: saturate(64, firstPages) },
  { name: 'mixed-64', title: '70 % reads, 25 % creates, 5 % lists, 64 connections', run: saturate(64, mixed) },
];
