import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '@deptracker/runtime';
import { migrateDown, migrateUp, migrationStatus } from '@deptracker/store';
import { ROOT } from './local/environment.js';
import { print, runCommand } from './local/run-command.js';
import { useDatabase } from './local/use-database.js';

const FOLDER = join(ROOT, 'migrations');
const USAGE = 'Usage: migrate.js up | down | status | new <name>';

const TEMPLATE = `/** What this changes, and why. (What it may do: docs/operations.md.) */
export const up = (knex) =>
  knex.raw(\`
\`);

/** Takes \`up\` back. */
export const down = (knex) =>
  knex.raw(\`
\`);
`;

async function main(): Promise<void> {
  const [command, name] = process.argv.slice(2);
  // Only for this one command: a line in .env would confirm every one to come.
  const confirmed = process.env['CONFIRM'] === '1';
  if (command === 'up') report('Applied', await useDatabase((url) => migrateUp(url, { onWait: print })));
  else if (command === 'down') report('Took back', await useDatabase((url) => migrateDown(url, { confirmed, onWait: print })));
  else if (command === 'status') await status();
  else if (command === 'new') print(`Made ${create(name ?? '')}`);
  else throw new StartupError(USAGE);
}

function report(verb: string, names: readonly string[]): void {
  print(names.length === 0 ? 'Nothing to do' : `${verb} ${names.join(', ')}`);
}

async function status(): Promise<void> {
  const { applied, pending } = await useDatabase((url) => migrationStatus(url));
  for (const name of applied) print(`applied  ${name}`);
  for (const name of pending) print(`pending  ${name}`);
}

function create(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new StartupError('A migration needs a name in lower case with underscores: make migrate-new name=add_teams');
  }
  const last = readdirSync(FOLDER).sort().at(-1) ?? '';
  const now = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  // Migrations run in the order of their names: a new one must come last, whatever this machine's clock says.
  const stamp = last > now ? String(Number(last.slice(0, 14)) + 1) : now;
  const file = join(FOLDER, `${stamp}_${name}.mjs`);
  writeFileSync(file, TEMPLATE, { flag: 'wx' });
  return file;
}

runCommand(main);
