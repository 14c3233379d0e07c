import { StartupError } from '@deptracker/runtime';
import { type UnitOfWork, resetRollups } from '@deptracker/store';
import pg from 'pg';
import { addLandscape } from './add-landscape.js';
import { copyRows } from './copy.js';
import { makeHistory } from './history.js';
import { type SeedProject, makeProjects } from './landscape.js';
import { Outside } from './outside.js';
import { Random } from './random.js';
import { externalIds } from './release.js';
import type { SeedSettings } from './settings.js';
import type { Story } from './story.js';
import { type Rows, addDeployment, addTrail } from './tables.js';

/** So many deployments are written at a time: memory stays small however many there are. */
const BATCH = 2_000;
/** A number that only this command locks. */
const LOCK = 7_338_501;
const TABLES = ['deployments', 'deployment_keys', 'decisions', 'events', 'effects', 'jira_tickets', 'slack_messages', 'projects', 'environments', 'setting_events'];

export type Seeded = { readonly deployments: number; readonly rows: number } | 'already there';

/** Finds out whether this very history is there already; raises an error where another one of the same seed is. */
async function isThere(client: pg.Client, first: Story, { seed }: SeedSettings): Promise<boolean> {
  const { rows } = await client.query<{ same: boolean; other: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM deployments WHERE id = $1) AS same, EXISTS (SELECT 1 FROM deployments WHERE external_id LIKE $2) AS other`,
    [first.deployment.id, `${externalIds(seed)}%`],
  );
  if (rows[0]?.same === true || rows[0]?.other !== true) return rows[0]?.same === true;
  throw new StartupError(
    `Another history of SEED=${seed} is in this database already, with other counts or another end. Choose another SEED to add a further one, or "make reset" first.`,
  );
}

/** Batches of stories, each week cut into pieces. */
function* pieces(settings: SeedSettings, projects: readonly SeedProject[]): Generator<readonly Story[]> {
  for (const week of makeHistory(settings, projects)) {
    for (let from = 0; from < week.length; from += BATCH) yield week.slice(from, from + BATCH);
  }
}

function rowsOf(stories: readonly Story[], outside: Outside, settings: SeedSettings): Rows {
  const rows: Rows = new Map();
  for (const story of stories) {
    addDeployment(rows, story);
    if (!settings.relationships) continue;
    addTrail(rows, story);
    outside.add(rows, story);
  }
  outside.addDigests(rows);
  return rows;
}

const unitOfWork = (client: pg.Client): UnitOfWork => ({
  inTransaction: true,
  announce: () => undefined,
  query: async <R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) => (await client.query<R>(sql, [...values])).rows,
});

async function writeAll(client: pg.Client, settings: SeedSettings): Promise<Seeded> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  const projects = makeProjects(new Random(settings.seed, 'landscape'), settings.projects);
  const outside = new Outside(new Random(settings.seed, 'outside'), settings.seed, settings.until);
  const count = { deployments: 0, rows: 0 };
  let writing = Promise.resolve();
  let since: Date | null = null;
  for (const stories of pieces(settings, projects)) {
    const [first] = stories;
    if (count.deployments === 0 && first !== undefined) {
      if (await isThere(client, first, settings)) return 'already there';
      since = first.deployment.createdAt;
      await addLandscape(client, projects, since, new Random(settings.seed, 'settings'));
    }
    const rows = rowsOf(stories, outside, settings);
    // The next batch is made while Postgres writes this one.
    await writing;
    writing = writeRows(client, rows);
    count.deployments += stories.length;
    count.rows += [...rows.values()].reduce((sum, { length }) => sum + length, 0);
  }
  await writing;
  // The past is another one now: metrics-cron counts it anew.
  if (since !== null) await resetRollups(unitOfWork(client), since);
  return count;
}

async function writeRows(client: pg.Client, rows: Rows): Promise<void> {
  for (const [table, values] of rows) await copyRows(client, table, values);
}

/** Writes the history, whole or not at all. The same one again changes nothing. */
export async function writeHistory(url: string, settings: SeedSettings): Promise<Seeded> {
  const client = new pg.Client({ connectionString: url, application_name: 'seed', connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    const seeded = await writeAll(client, settings);
    await client.query('COMMIT');
    if (seeded !== 'already there') await client.query(`ANALYZE ${TABLES.join(', ')}`);
    return seeded;
  } finally {
    await client.end();
  }
}
