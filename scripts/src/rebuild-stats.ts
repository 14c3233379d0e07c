import { StartupError } from '@deptracker/runtime';
import { openDatabase, resetRollups } from '@deptracker/store';
import { print, runCommand } from './local/run-command.js';
import { useDatabase } from './local/use-database.js';

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day in UTC; null where none is given. */
function dayOf(text: string): Date | null {
  if (text === '') return null;
  const day = new Date(`${text}T00:00:00Z`);
  if (DAY.test(text) && !Number.isNaN(day.getTime())) return day;
  throw new StartupError(`The day must look like 2026-11-01; it is "${text}".`);
}

/** Lets metrics-cron count the figures of GET /stats anew from the events, from a day on or all of them. */
async function main(): Promise<void> {
  const from = dayOf(process.argv[2] ?? '');
  await useDatabase(async (url) => {
    const database = await openDatabase({ url, maxConnections: 1, maxIdle: 0, maxLifetimeMs: 60_000, name: 'rebuild-stats' });
    try {
      await database.transaction((uow) => resetRollups(uow, from));
    } finally {
      await database.close();
    }
  });
  print(`The figures ${from === null ? 'are' : `from ${process.argv[2]} on are`} counted anew by metrics-cron; GET /stats shows in freshAsOf how far it is.`);
}

runCommand(main);
