import type { UnitOfWork } from '@deptracker/store';
import pg from 'pg';
import { BIG_TABLES } from './large-tables.js';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Node[];
}

/** What one statement really did. */
export interface Executed {
  readonly sql: string;
  readonly ms: number;
  /** Rows of big tables that were looked at, also those that did not fit. */
  readonly rowsRead: number;
  /** Pages of 8 kB that were touched. */
  readonly pages: number;
  /** The most rows that were sorted at once. */
  readonly sorted: number;
  /** Big tables that were read from one end to the other. */
  readonly scanned: readonly string[];
  /** How the big tables were read, in words; indexes of partitions by what they are of. */
  readonly ways: readonly string[];
}

const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)];
/** The table that a relation is, or is a partition of. */
const PART = /_(default|before|\d{4}q[1-4])(?=_|$)/;
const tableOf = (relation: string): string => relation.replace(PART, '');
const isBig = (node: Node): boolean => (BIG_TABLES as readonly string[]).includes(tableOf(node['Relation Name'] ?? ''));

/** Rows that a node gave and those that it left out; both are averages over its loops. */
function looked(node: Node): number {
  const each = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return each * node['Actual Loops'];
}

/** Of a partition with hardly more rows than a walk looks at, that may be the shortest way. */
const SMALL_PARTITION = 10_000;

function isScan(node: Node): boolean {
  const relation = node['Relation Name'] ?? '';
  return node['Node Type'] === 'Seq Scan' && looked(node) > (tableOf(relation) === relation ? 0 : SMALL_PARTITION);
}

/** How a node reads a big table; of a bitmap scan its parts name the index, and the one above them the rows. */
function way(node: Node): string[] {
  const index = node['Index Name']?.replace(PART, '');
  if (node['Node Type'] === 'Bitmap Index Scan') return [`bitmap ${index ?? ''}`];
  if (!isBig(node) || node['Actual Loops'] === 0 || node['Node Type'] === 'Bitmap Heap Scan') return [];
  return [index ?? `${node['Node Type']} ${tableOf(node['Relation Name'] ?? '')}`];
}

function summarize(sql: string, { Plan: root, 'Execution Time': ms }: { Plan: Node; 'Execution Time': number }): Executed {
  const nodes = flat(root);
  const reading = nodes.filter((node) => isBig(node) && node['Node Type'].endsWith('Scan'));
  const sorts = nodes.filter((node) => node['Node Type'] === 'Sort').flatMap((node) => node.Plans ?? []);
  return {
    sql,
    ms,
    rowsRead: Math.round(reading.reduce((sum, node) => sum + looked(node), 0)),
    pages: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
    sorted: Math.max(0, ...sorts.map((node) => node['Actual Rows'])),
    scanned: reading.filter(isScan).map((node) => node['Relation Name'] ?? ''),
    ways: [...new Set(nodes.flatMap(way))],
  };
}

const plain = (client: pg.Client): UnitOfWork => ({
  inTransaction: true,
  announce: () => undefined,
  query: async <R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) => (await client.query<R>(sql, [...values])).rows,
});

/**
 * Runs what a repository function runs, each statement first under EXPLAIN ANALYZE, and undoes it all. The statements are
 * the function's own, so that what is shown here cannot differ from what happens. `work` is also given a database whose
 * statements are not looked at, to find something to ask about.
 */
export async function executed(url: string, work: (db: UnitOfWork, aside: UnitOfWork) => Promise<unknown>): Promise<Executed[]> {
  const client = new pg.Client({ connectionString: url, statement_timeout: 30_000 });
  await client.connect();
  const seen: Executed[] = [];
  const aside = plain(client);
  const watched: UnitOfWork = {
    ...aside,
    query: async (sql, values = []) => {
      await client.query('SAVEPOINT before');
      const [row] = await aside.query<{ 'QUERY PLAN': [{ Plan: Node; 'Execution Time': number }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${sql}`,
        values,
      );
      await client.query('ROLLBACK TO before');
      if (row !== undefined) seen.push(summarize(sql, row['QUERY PLAN'][0]));
      return aside.query(sql, values);
    },
  };
  try {
    await client.query('BEGIN');
    await work(watched, aside);
    return seen;
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}
