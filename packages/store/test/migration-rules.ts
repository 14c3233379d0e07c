import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type pg from 'pg';

/** What a migration's file may export besides `up` and `down`. */
interface MigrationFile {
  readonly up: (knex: { readonly raw: (text: string) => Promise<unknown> }) => PromiseLike<unknown>;
  readonly config?: { readonly transaction?: boolean };
  /** Why processes of the version before can do without what this takes away. */
  readonly contract?: string;
  /** Why it does no harm that others wait while a table is read or written anew. */
  readonly blocks?: string;
}

/** Catches what rewrites a table at the moment when it does; needs a superuser. */
export const WATCH_REWRITES = `
CREATE TABLE public.rewritten (name text);
CREATE FUNCTION public.note_rewrite() RETURNS event_trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO public.rewritten SELECT pg_event_trigger_table_rewrite_oid()::regclass::text; END $$;
CREATE EVENT TRIGGER note_rewrite ON table_rewrite EXECUTE FUNCTION public.note_rewrite();`;

const COLUMNS = `
SELECT table_name || '.' || column_name AS name, table_name AS table, data_type AS type, is_nullable = 'YES' AS nullable,
  column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS' AS filled
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'rewritten'`;

/** Tables that whoever writes to them waits for until this transaction ends. */
const LOCKED = `
SELECT DISTINCT c.relname AS name, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace
  AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

/** What runs outside of a transaction and yet keeps nobody waiting. */
const LETS_OTHERS_WORK = /^\s*((CREATE|DROP)\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY|REINDEX\s[^;]*CONCURRENTLY|SELECT|UPDATE|INSERT|DELETE|WITH|ANALYZE|ALTER\s+TABLE\s+\w+\s+VALIDATE\s)/i;

interface Column {
  readonly name: string;
  readonly table: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly filled: boolean;
}

const columnsOf = async (client: pg.Client): Promise<readonly Column[]> => (await client.query<Column>(COLUMNS)).rows;

/** What the version before would not get along with. */
function breaks(before: readonly Column[], after: readonly Column[]): string[] {
  const gone = before.filter(({ name }) => after.every((column) => column.name !== name)).map(({ name }) => `takes ${name} away`);
  const tables = new Set(before.map(({ table }) => table));
  const changed = after.flatMap((column) => {
    const was = before.find(({ name }) => name === column.name);
    if (was === undefined) return tables.has(column.table) && !column.nullable && !column.filled ? [`demands a value for ${column.name}`] : [];
    if (was.type !== column.type) return [`changes the type of ${column.name}`];
    if (was.nullable && !column.nullable) return [`allows no null in ${column.name} any more`];
    return was.filled && !column.filled && !column.nullable ? [`takes the default of ${column.name}`] : [];
  });
  return [...gone, ...changed];
}

type Scans = ReadonlyMap<string, number>;

/** How often this session has read each table of ours from end to end; counts of earlier transactions may be among them. */
async function scansOf(client: pg.Client): Promise<Scans> {
  const { rows } = await client.query<{ name: string; scans: number }>(`SELECT relname AS name, seq_scan::int AS scans FROM pg_stat_xact_user_tables WHERE schemaname = 'public'`);
  return new Map(rows.map(({ name, scans }) => [name, scans]));
}

async function keepsWaiting(client: pg.Client, tables: ReadonlySet<string>, before: Scans): Promise<string[]> {
  const rewritten = (await client.query<{ name: string }>('SELECT DISTINCT name FROM rewritten')).rows.map(({ name }) => name);
  const after = await scansOf(client);
  const locked = (await client.query<{ name: string; mode: string }>(LOCKED)).rows.filter(({ name }) => tables.has(name) && !rewritten.includes(name));
  const read = locked.filter(({ name, mode }) => mode === 'ShareLock' || (after.get(name) ?? 0) > (before.get(name) ?? 0));
  return [
    ...rewritten.filter((name) => tables.has(name)).map((name) => `writes ${name} anew while nobody can use it`),
    ...[...new Set(read.map(({ name }) => name))].map((name) => `reads all of ${name} while nobody can write to it`),
  ];
}

async function outside(client: pg.Client, { up }: MigrationFile): Promise<string[]> {
  const faults: string[] = [];
  const raw = (text: string): Promise<unknown> => {
    if (!LETS_OTHERS_WORK.test(text)) faults.push(`runs outside of a transaction what belongs into one: ${text.trim().split('\n')[0] ?? ''}`);
    return client.query(text);
  };
  await up({ raw });
  await Promise.resolve(up({ raw })).catch((error: unknown) => faults.push(`cannot run again after it was cut off: ${String(error)}`));
  return [...new Set(faults)];
}

/** Runs a migration and says, in sentences, where it keeps others waiting or the version before would fail. */
export async function faultsOf(client: pg.Client, folder: string, name: string): Promise<readonly string[]> {
  const file = (await import(pathToFileURL(join(folder, `${name}.mjs`)).href)) as MigrationFile;
  const before = await columnsOf(client);
  const transaction = file.config?.transaction !== false;
  let waiting: string[];
  if (transaction) {
    await client.query('TRUNCATE rewritten');
    await client.query('BEGIN');
    const scans = await scansOf(client);
    await file.up({ raw: (text) => client.query(text) });
    waiting = await keepsWaiting(client, new Set(before.map(({ table }) => table)), scans);
    await client.query('COMMIT');
  } else waiting = await outside(client, file);
  const broken = breaks(before, await columnsOf(client));
  return [...(file.blocks === undefined ? waiting : []), ...(file.contract === undefined ? broken : [])];
}
