import { StartupError } from '@deptracker/runtime';
import { asAdmin, freePort, isPortFree, type PostgresServer, type RedisServer, startPostgres, startRedis } from '@deptracker/testkit';
import { databasePassword, type LocalDir, readPorts, writePorts } from '../local/local-dir.js';
import type { Service } from './supervisor.js';

const DATABASE = 'deptracker';
const FIRST_CHOICE = { postgres: 54_329, redis: 63_799 } as const;
const DUPLICATE_DATABASE = '42P04';

/** The port to use: the one that is set, else the remembered one or a first choice if free, else any free one. */
export async function choosePort(dir: LocalDir, server: 'postgres' | 'redis', set: number | undefined): Promise<number> {
  const remembered = readPorts(dir);
  const port = set ?? (await firstFree([remembered[server], FIRST_CHOICE[server]]));
  writePorts(dir, { ...remembered, [server]: port });
  return port;
}

async function firstFree(ports: readonly (number | undefined)[]): Promise<number> {
  for (const port of ports) if (port !== undefined && (await isPortFree(port))) return port;
  return freePort();
}

/** Address of the embedded database on `port`. */
export function embeddedDatabaseUrl(dir: LocalDir, port: number): string {
  return `postgres://postgres:${encodeURIComponent(databasePassword(dir))}@127.0.0.1:${port}/${DATABASE}`;
}

/** Starts the embedded Postgres with its database. The caller holds the lock of LOCAL_DIR. */
export async function startEmbeddedPostgres(
  dir: LocalDir,
  port: number,
  onLog?: (line: string) => void,
): Promise<PostgresServer> {
  const password = databasePassword(dir);
  const server = await startPostgres({
    dataDir: dir.postgres,
    port,
    password,
    persistent: true,
    guard: false,
    ...(onLog && { onLog }),
  });
  try {
    await asAdmin(server.url, `CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    if (!hasCode(error, DUPLICATE_DATABASE)) {
      await server.stop();
      throw explain(error, dir);
    }
  }
  return server;
}

function explain(error: unknown, dir: LocalDir): unknown {
  if (!hasCode(error, '28P01')) return error;
  return new StartupError(`The password in ${dir.password} is not that of the data in ${dir.postgres}; make reset starts afresh.`);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The embedded Postgres as a service on a fixed port. */
export function postgresService(dir: LocalDir, port: number, onLog: (line: string) => void): Service {
  return {
    name: 'postgres',
    start: async () => {
      const server = await startEmbeddedPostgres(dir, port, onLog);
      return { pid: server.pid, exited: server.exited, stop: () => server.stop() };
    },
  };
}

/** The embedded Redis as a service on a fixed port. */
export function redisService(dir: LocalDir, port: number, onProgress: (message: string) => void): Service {
  return {
    name: 'redis',
    start: async () => {
      const server: RedisServer = await startRedis({ dir: dir.redis, port, persistent: true, guard: false, onProgress });
      return { pid: server.pid, exited: server.exited, stop: () => server.stop() };
    },
  };
}
