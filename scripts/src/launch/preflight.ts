import { StartupError } from '@deptracker/runtime';
import { isPortFree, pingPostgres, pingRedis } from '@deptracker/testkit';
import { PORT_VARIABLES, type Settings } from './settings.js';

/** Looks for everything that would stop a start, before anything is started. Throws `StartupError`, one sentence. */
export async function preflight(settings: Settings): Promise<void> {
  for (const app of settings.apps) {
    await refuseTakenPort(settings.ports[app], settings.host, app, PORT_VARIABLES[app]);
  }
  if (settings.databaseUrl !== undefined) await requirePostgres(settings.databaseUrl);
  else if (settings.postgresPort !== undefined) {
    await refuseTakenPort(settings.postgresPort, '127.0.0.1', 'the embedded Postgres', 'POSTGRES_PORT');
  }
  if (settings.redisUrl !== undefined) await requireRedis(settings.redisUrl);
  else if (settings.redisPort !== undefined) {
    await refuseTakenPort(settings.redisPort, '127.0.0.1', 'the embedded Redis', 'REDIS_PORT');
  }
}

async function refuseTakenPort(port: number, host: string, who: string, variable: string): Promise<void> {
  if (await isPortFree(port, host)) return;
  throw new StartupError(`Port ${port}, which ${who} needs, is taken; stop what uses it, or set ${variable} to a free one.`);
}

/** Connects once; throws `StartupError` with the address and the reason, never the password. */
export async function requirePostgres(url: string): Promise<{ readonly version: string; readonly database: string }> {
  try {
    return await pingPostgres(url);
  } catch (error) {
    throw unreachable('Postgres', 'DATABASE_URL', url, error);
  }
}

async function requireRedis(url: string): Promise<void> {
  try {
    await pingRedis(url);
  } catch (error) {
    throw unreachable('Redis', 'REDIS_URL', url, error);
  }
}

function unreachable(what: string, variable: string, url: string, error: unknown): StartupError {
  return new StartupError(
    `No ${what} answers at ${addressOf(url)} (${reasonOf(error)}); ` +
      `start it, correct ${variable}, or unset ${variable} to let make run bring its own.`,
  );
}

function addressOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'the address given';
  }
}

function reasonOf(error: unknown): string {
  // A name with several addresses fails with one error per address.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
