import type { Server } from 'node:http';
import { type AddressInfo, Server as TcpServer } from 'node:net';
import { StartupError } from './startup-error.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

function explain(error: NodeJS.ErrnoException, { host, port }: ListenOptions): Error {
  const other = 'set PORT (under make run the one of this process, such as JIRA_WORKER_PORT)';
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartupError(
        `Port ${port} on ${host} is taken by another process; stop it or ${other} to a free one.`,
      );
    case 'EACCES':
      return new StartupError(
        `Port ${port} on ${host} needs rights that this process lacks; ${other} to one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartupError(
        `${host} is not an address of this machine; set HOST to one, such as 0.0.0.0 or 127.0.0.1.`,
      );
    default:
      return error;
  }
}

/**
 * Connections that may wait to be accepted; the system's own limit (net.core.somaxconn, 4096 on Linux) may be lower. Of Node's
 * 511 the rest is dropped, and comes back after one, three and seven seconds, where many come at once.
 */
const BACKLOG = 4_096;

/** Starts a server. Returns the port that it has; a taken or forbidden address is a `StartupError`. */
export async function listen(server: Server, options: ListenOptions): Promise<{ readonly port: number }> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(explain(error, options));
    server.once('error', fail);
    server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port };
}

const SWEEP_MS = 20;

/**
 * Stops accepting and ends each connection as soon as its answer is out; after `graceMs` milliseconds all that are left
 * are cut. Idle ones may stay for `idleMs`: a load balancer that has just sent a request over one gets its answer, and is
 * told to close it, instead of a reset that it must not repeat a POST after. Resolves when none is left.
 */
export async function closeServer(server: Server, graceMs = 10_000, idleMs = 0): Promise<void> {
  if (!server.listening) return;
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  const closed = new Promise<void>((resolve) => {
    // Not the close of http, which ends idle connections at once.
    TcpServer.prototype.close.call(server, () => resolve());
  });
  let sweep: NodeJS.Timeout | undefined;
  // Node ends idle connections only once; a kept-alive one that was busy then would linger.
  const begin = (): void => {
    server.closeIdleConnections();
    sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  };
  const start = setTimeout(begin, idleMs);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await closed;
  } finally {
    clearTimeout(start);
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
