import { StartupError } from '@deptracker/runtime';
import { choosePort, embeddedDatabaseUrl, startEmbeddedPostgres } from '../launch/embedded.js';
import { readEnvironment } from './environment.js';
import { type LocalDir, localDir, readPorts } from './local-dir.js';
import { acquireLock, lockHolder } from './lock.js';
import { stopLeftovers } from './leftovers.js';

/** Address of the database in use: DATABASE_URL, else that of a running `make run`; undefined when there is none. */
export function runningDatabaseUrl(): string | undefined {
  const env = readEnvironment();
  if (env['DATABASE_URL'] !== undefined) return env['DATABASE_URL'];
  const dir = localDir(env);
  const port = lockHolder(dir) && readPorts(dir).postgres;
  return port === undefined ? undefined : embeddedDatabaseUrl(dir, port);
}

/** Runs `work` on the database in use, or on the embedded one, started for as long as it takes. */
export async function useDatabase<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const url = runningDatabaseUrl();
  return url === undefined ? withEmbedded(localDir(readEnvironment()), work) : work(url);
}

async function withEmbedded<T>(dir: LocalDir, work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const release = acquireLock(dir);
  try {
    await stopLeftovers(dir);
    const port = await choosePort(dir, 'postgres', setPort());
    const server = await startEmbeddedPostgres(dir, port);
    try {
      return await work(embeddedDatabaseUrl(dir, port));
    } finally {
      await server.stop();
    }
  } finally {
    release();
  }
}

function setPort(): number | undefined {
  const text = readEnvironment()['POSTGRES_PORT'];
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StartupError(`POSTGRES_PORT must be a whole number from 1 to 65535; it is ${JSON.stringify(text)}.`);
}
