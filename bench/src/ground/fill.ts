import { migrateUp } from '@deptracker/store';
import { type TestDatabase, asAdmin } from '@deptracker/testkit';
import pg from 'pg';
import type { Ground } from './ground.js';
import { AFTERWARDS, PORTION, TABLES } from './history.js';

const PORTION_ROWS = 500_000;
const FILLED = 'filled';

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  await client.connect();
  return client;
}

interface Index {
  readonly name: string;
  readonly sql: string;
}

// Partitions' indexes go and come with those of the table that is divided.
const INDEXES = `
SELECT i.indexrelid::regclass::text AS name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS sql
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY ($1::regclass[]) AND NOT c.relispartition AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)`;

async function fill(client: pg.Client, rows: number, say: (line: string) => void): Promise<void> {
  await client.query(`SET work_mem = '64MB'; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off`);
  const { rows: indexes } = await client.query<Index>(INDEXES, [TABLES]);
  // Made at the end: many times as fast as kept up row by row.
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  for (let first = 1; first <= rows; first += PORTION_ROWS) {
    const last = Math.min(rows, first + PORTION_ROWS - 1);
    for (const sql of PORTION) await client.query(sql, [first, last, rows]);
    say(`filled ${last} of ${rows}`);
  }
  for (const { name, sql } of indexes) {
    await client.query(sql);
    say(`indexed ${name}`);
  }
  for (const sql of AFTERWARDS) await client.query(sql);
  await client.query(`VACUUM ANALYZE ${TABLES.join(', ')}`);
  await client.query('CHECKPOINT');
}

/** A database with so many finished deployments; made where the cluster has none yet, and kept as long as the cluster is. */
export async function filledDatabase(ground: Ground, rows: number, say: (line: string) => void): Promise<TestDatabase> {
  const name = `filled_${rows}`;
  const url = new URL(ground.postgres.url);
  url.pathname = `/${name}`;
  const admin = await connect(ground.postgres.url);
  try {
    const { rows: found } = await admin.query<{ note: string | null }>(`SELECT shobj_description(oid, 'pg_database') AS note FROM pg_database WHERE datname = $1`, [name]);
    if (found[0]?.note !== FILLED) {
      // One that was not finished is of no use.
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    }
    await migrateUp(url.href);
    if (found[0]?.note !== FILLED) {
      const client = await connect(url.href);
      try {
        await fill(client, rows, say);
      } finally {
        await client.end();
      }
      await asAdmin(ground.postgres.url, `COMMENT ON DATABASE ${name} IS '${FILLED}'`);
    }
  } finally {
    await admin.end();
  }
  return { url: url.href, drop: async () => undefined };
}
