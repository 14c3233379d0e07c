import { StartupError } from '@deptracker/runtime';
import { requirePostgres } from './launch/preflight.js';
import { print, runCommand } from './local/run-command.js';
import { runningDatabaseUrl } from './local/use-database.js';

async function main(): Promise<void> {
  const url = runningDatabaseUrl();
  if (url === undefined) {
    throw new StartupError('No database runs: start one with make run, or set DATABASE_URL to the one that you mean.');
  }
  const start = performance.now();
  const { version, database } = await requirePostgres(url);
  print(`Postgres ${version}, database ${database}, answered in ${Math.round(performance.now() - start)} ms`);
}

runCommand(main);
