import { Socket } from 'node:net';
import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|0\.0\.0\.0)$/;

/** Nothing in a test may reach the outside: a vendor's real address in a test is a mistake. */
function guardOutbound(): void {
  const connect: unknown = Reflect.get(Socket.prototype, 'connect');
  if (typeof connect !== 'function') throw new Error('net.Socket has no connect any more');
  const guarded = function (this: Socket, ...args: unknown[]): unknown {
    const host = hostOf(args);
    if (host !== undefined && !LOOPBACK.test(host)) {
      throw new Error(`A test tried to connect to ${host}; only this machine is allowed`);
    }
    return Reflect.apply(connect, this, args);
  };
  Reflect.set(Socket.prototype, 'connect', guarded);
}

function hostOf(args: readonly unknown[]): string | undefined {
  // net.connect hands its normalised arguments on as one array.
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { host?: string | null; path?: string | null };
    return path ? undefined : (host ?? undefined);
  }
  return typeof first === 'number' && typeof second === 'string' ? second : undefined;
}

guardOutbound();

afterAll(() => {
  // A worker may be killed before Node writes its coverage.
  if (process.env['NODE_V8_COVERAGE']) takeCoverage();
});
