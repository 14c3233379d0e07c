import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, type ServerResponse, createServer, get } from 'node:http';
import { type Socket, connect } from 'node:net';
import { StartupError, TimeoutError, closeServer, listen, withTimeout } from '@deptracker/runtime';
import { waitFor } from '@deptracker/testkit';
import { describe, expect, test } from 'vitest';

const LOCAL = { host: '127.0.0.1', port: 0 };

function ask(port: number, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ host: LOCAL.host, port, agent }, (response) => response.resume().once('end', () => resolve(response))).once(
      'error',
      reject,
    );
  });
}

describe('listen', () => {
  test('says in a StartupError that the port is taken and what to do', async () => {
    const first = createServer();
    const { port } = await listen(first, LOCAL);
    const second = listen(createServer(), { ...LOCAL, port });
    await expect(second).rejects.toThrow(StartupError);
    await expect(second).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another process; stop it or set PORT`);
    await closeServer(first);
  });

  test('says in a StartupError that the host is not one of this machine', async () => {
    await expect(listen(createServer(), { host: '192.0.2.1', port: 0 })).rejects.toThrow(
      new StartupError('192.0.2.1 is not an address of this machine; set HOST to one, such as 0.0.0.0 or 127.0.0.1.'),
    );
  });

  test.runIf(process.platform === 'linux')('lets many connect at once while the process is busy', async () => {
    const script = `import { createServer } from 'node:http'; import { listen } from '@deptracker/runtime';
      console.log((await listen(createServer(), { host: '127.0.0.1', port: 0 })).port);`;
    const busy = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname });
    const many = Math.min(1_000, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')));
    const sockets: Socket[] = [];
    try {
      const [port] = (await once(busy.stdout, 'data')) as [Buffer];
      busy.kill('SIGSTOP');
      let connected = 0;
      const count = (): void => {
        connected += 1;
      };
      while (sockets.length < many) sockets.push(connect(Number(port), '127.0.0.1', count));
      await waitFor(() => connected === many, { what: `${String(many)} connections` });
    } finally {
      for (const socket of sockets) socket.on('error', () => undefined).destroy();
      busy.kill('SIGKILL');
    }
  });
});

describe('closeServer', () => {
  test('ends idle connections at once', async () => {
    const server = createServer((_request, response) => response.end('x'));
    server.keepAliveTimeout = 60_000;
    const { port } = await listen(server, LOCAL);
    await ask(port, new Agent({ keepAlive: true }));
    await closeServer(server);
    await expect(ask(port, new Agent())).rejects.toThrow('ECONNREFUSED');
  });

  test('answers what comes over an idle connection meanwhile, with the advice to close it, and takes no new one', async () => {
    const server = createServer((_request, response) => response.end('x'));
    server.keepAliveTimeout = 60_000;
    const { port } = await listen(server, LOCAL);
    const agent = new Agent({ keepAlive: true });
    await ask(port, agent);
    const closed = closeServer(server, 10_000, 5_000);
    await expect(ask(port, new Agent())).rejects.toThrow('ECONNREFUSED');
    const late = await ask(port, agent);
    expect([late.statusCode, late.headers.connection]).toEqual([200, 'close']);
    await closed;
  });

  test('lets a request that runs finish, then ends its connection', async () => {
    const arrivals = new EventEmitter();
    const server = createServer((_request, response) => arrivals.emit('request', response));
    server.keepAliveTimeout = 60_000;
    const { port } = await listen(server, LOCAL);
    const answer = ask(port, new Agent({ keepAlive: true }));
    const [response] = (await once(arrivals, 'request')) as [ServerResponse];
    const closed = closeServer(server);
    response.end('late');
    expect((await answer).statusCode).toBe(200);
    await closed;
  });

  test('cuts what is left after the grace', async () => {
    const arrivals = new EventEmitter();
    const server = createServer(() => arrivals.emit('request'));
    const { port } = await listen(server, LOCAL);
    const answer = ask(port, new Agent());
    await Promise.all([once(arrivals, 'request')]);
    const [outcome] = await Promise.allSettled([answer, closeServer(server, 10)]);
    expect(outcome.status).toBe('rejected');
  });

  test('does nothing for a server that does not listen', async () => {
    await closeServer(createServer());
  });
});

describe('withTimeout', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  test('gives the result, or the error as it is', async () => {
    expect(await withTimeout(() => Promise.resolve(5), 1000, 'Counting')).toBe(5);
    await expect(withTimeout(() => Promise.reject(new RangeError('no')), 1000, 'Counting')).rejects.toThrow(RangeError);
  });

  test('rejects at the end of the time even where the signal is ignored', async () => {
    await expect(withTimeout(never, 5, 'Counting')).rejects.toThrow(new TimeoutError('Counting took longer than 5 ms'));
  });

  test('aborts the signal with the parent, for its reason', async () => {
    const parent = new AbortController();
    let inner: AbortSignal | undefined;
    const result = withTimeout((signal) => ((inner = signal), never()), 60_000, 'Counting', parent.signal);
    parent.abort(new Error('draining'));
    await expect(result).rejects.toThrow('draining');
    expect(inner?.aborted).toBe(true);
    await expect(withTimeout(never, 60_000, 'Counting', parent.signal)).rejects.toThrow('draining');
  });
});
