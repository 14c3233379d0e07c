import { type Socket, connect } from 'node:net';
import { rssMegabytes } from '../ground/use.js';
import { openLoop } from '../load/open-loop.js';
import { spawnNode } from '../processes.js';
import { getRequest, makeDeployments } from './requests.js';
import type { Scenario } from './scenario.js';

const ACTIVE = 1_000;
const PER_SECOND = 1_000;
const AT_ONCE = 200;
const KB = 1_024;

/** Opens a connection, asks one thing on it so that it is kept alive, and leaves it idle. */
function idle(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('data', () => {
      socket.off('error', reject).on('error', () => undefined).resume();
      resolve(socket);
    });
    socket.write('GET /health/live HTTP/1.1\r\nHost: bench\r\n\r\n');
  });
}

async function openIdle(url: string, count: number): Promise<Socket[]> {
  const port = Number(new URL(url).port);
  const open: Socket[] = [];
  while (open.length < count) open.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - open.length) }, () => idle(port)))));
  return open;
}

interface Held {
  readonly sockets: readonly Socket[];
  readonly kbEach: number;
}

/** Opens so many idle connections and says by how much the process has grown for each. */
async function hold({ url, pid }: { readonly url: string; readonly pid: number }, count: number): Promise<Held> {
  // What the first ones take is not what each takes.
  const first = await openIdle(url, Math.min(AT_ONCE, count));
  const before = rssMegabytes(pid);
  const sockets = await openIdle(url, count);
  return { sockets: [...first, ...sockets], kbEach: ((rssMegabytes(pid) - before) * KB) / count };
}

const letGo = (sockets: readonly Socket[]): void => sockets.forEach((socket) => socket.destroy());

async function bareKbEach(count: number, nodeArgs: readonly string[]): Promise<number> {
  const bare = await spawnNode('bare', 'bench/dist/baseline/bare.js', { env: {}, nodeArgs });
  const { sockets, kbEach } = await hold(bare, count);
  letGo(sockets);
  await bare.stop();
  return kbEach;
}

export const CONNECTIONS: readonly Scenario[] = [
  {
    name: 'connections',
    title: '10,000 idle connections, and 1,000 active ones that get by id 1,000 times a second',
    rounds: 1,
    seconds: 20,
    warmSeconds: 1,
    count: 10_000,
    prepare: async ({ contender: { urls, processes, nodeArgs }, count }) => {
      const requests = (await makeDeployments({ urls }, 100)).map(getRequest);
      const active = (seconds: number) => openLoop({ url: urls[0], connections: ACTIVE, perSecond: PER_SECOND, seconds, requests });
      await active(2);
      const [api] = processes;
      if (api === undefined) throw new Error('There is no API.');
      const bare = await bareKbEach(count, nodeArgs);
      const { sockets, kbEach } = await hold(api, count);
      return async (seconds) => {
        const result = await active(seconds);
        const lost = sockets.filter(({ destroyed, readyState }) => destroyed || readyState !== 'open').length;
        return { ...result, figures: { 'KB per idle connection': kbEach, 'KB of bare Node': bare, 'KB over bare Node': kbEach - bare, 'idle connections lost': lost } };
      };
    },
  },
];
