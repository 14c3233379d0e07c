import { StartupError } from '@deptracker/runtime';
import { migrationStatus } from '@deptracker/store';
import { readEnvironment } from './local/environment.js';
import { print, runCommand } from './local/run-command.js';
import { useDatabase } from './local/use-database.js';
import { seedSettings } from './seed/settings.js';
import { writeHistory } from './seed/write.js';

async function main(): Promise<void> {
  const env = readEnvironment();
  const settings = seedSettings(env, new Date());
  // Only for this one command: a line in .env would confirm every one to come.
  if (env['NODE_ENV'] === 'production' && process.env['CONFIRM'] !== '1') {
    throw new StartupError('NODE_ENV is production: a made-up history does not belong there. Set CONFIRM=1 if it does.');
  }
  const start = performance.now();
  const seeded = await useDatabase(async (url) => {
    const { pending } = await migrationStatus(url);
    if (pending.length > 0) throw new StartupError(`The database lacks ${pending.length} migration(s), first ${pending[0]}: run "make migrate-up".`);
    return writeHistory(url, settings);
  });
  if (seeded === 'already there') {
    print(`Nothing to do: the history of SEED=${settings.seed} is there already.`);
    return;
  }
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  print(`Wrote ${seeded.deployments} deployments of ${settings.projects} projects, ${seeded.rows} rows in all, in ${seconds} s (SEED=${settings.seed}, until ${settings.until.toISOString()})`);
}

runCommand(main);
