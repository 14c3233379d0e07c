import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { asAdmin, redisBinary, startPostgres, TEST_POSTGRES_TEMPLATE, TEST_POSTGRES_URL, wrkBinary } from '@deptracker/testkit';

const TEMPLATE = 'deptracker_template';

const say = (message: string): void => {
  process.stdout.write(`${message}\n`);
};

/** Gets the programs that tests need. Once and here: two workers that both find none would get in each other's way installing it. */
function getPrograms(): void {
  redisBinary(say);
  try {
    wrkBinary(say);
  } catch (error) {
    // Only the bench's own tests need it, and say so.
    say(String(error));
  }
}

/** Starts one Postgres for the whole run, with a migrated database to copy; the workers inherit where it is. */
export async function setup(): Promise<() => Promise<void>> {
  getPrograms();
  const server = await startPostgres();
  try {
    await makeTemplate(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  process.env[TEST_POSTGRES_URL] = server.url;
  process.env[TEST_POSTGRES_TEMPLATE] = TEMPLATE;
  return async () => {
    await server.stop();
  };
}

async function makeTemplate(adminUrl: string): Promise<void> {
  await asAdmin(adminUrl, `CREATE DATABASE ${TEMPLATE}`);
  const url = new URL(adminUrl);
  url.pathname = `/${TEMPLATE}`;
  // In a process of its own: this one is vitest's, which loads code in a way that coverage cannot be merged with.
  await promisify(execFile)(process.execPath, ['scripts/dist/migrate.js', 'up'], { env: { ...process.env, DATABASE_URL: url.href } });
  // Copying needs a database without connections: keep them out for good.
  await asAdmin(adminUrl, `ALTER DATABASE ${TEMPLATE} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
}
