import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** Starts a server. Returns the port that it has; a taken or forbidden address is a `StartupError`. */
export async function listen(server: Server, options: ListenOptions): Promise<{ readonly port: number }> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(explain(error, options));
    server.once('error', fail);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port };
}

const SWEEP_MS = 20;

/**
 * Stops accepting, ends idle connections at once and each other one as soon as its answer is out; after `graceMs`
 * milliseconds all that are left are cut. Resolves when none is left.
 */
export async function closeServer(server: Server, graceMs = 10_000): Promise<void> {
  if (!server.listening) return;
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  // Node ends idle connections only once, at close(); a kept-alive one that was busy then would linger.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
