/**
 * Indexes of partitioned tables, while everybody works. Postgres makes none of a whole such table concurrently: each
 * partition gets its own, and one of the whole, which holds no rows, takes them over. An index is [table, name, on what].
 */
const partsOf = async (knex, table) =>
  (await knex.raw(`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = '${table}'::regclass ORDER BY inhrelid`)).rows.map(({ name }) => name);

/** Whether there is such an index, and nothing is missing in it. */
export const isReady = async (knex, index) =>
  (await knex.raw(`SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('${index}') AND indisvalid`)).rows.length > 0;

/** Outside of a transaction. What an earlier run has finished stays; what was cut off is made again. */
export async function makeOnParts(knex, indexes) {
  for (const [table, name, on] of indexes) {
    for (const part of await partsOf(knex, table)) {
      if (await isReady(knex, `${part}_${name}`)) continue;
      await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${part}_${name}`);
      await knex.raw(`CREATE INDEX CONCURRENTLY ${part}_${name} ON ${part} ${on}`);
    }
  }
}

/** Outside of a transaction: takes away those that are not attached. */
export async function dropFromParts(knex, indexes) {
  for (const [table, name] of indexes) {
    for (const part of await partsOf(knex, table)) await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${part}_${name}`);
  }
}

/**
 * In a transaction, and all in one message: whoever writes waits meanwhile. A partition that came since the others got
 * theirs has hardly any rows; none comes while these are made, since whoever makes partitions holds this lock too.
 */
export async function attachToWhole(knex, indexes) {
  await knex.raw(`SELECT pg_advisory_xact_lock(hashtext('deptracker.partitions'))`);
  const statements = [];
  for (const [table, name, on] of indexes) {
    statements.push(`CREATE INDEX ${table}_${name} ON ONLY ${table} ${on}`);
    for (const part of await partsOf(knex, table)) {
      statements.push(`CREATE INDEX IF NOT EXISTS ${part}_${name} ON ${part} ${on}`, `ALTER INDEX ${table}_${name} ATTACH PARTITION ${part}_${name}`);
    }
  }
  await knex.raw(statements.join(';\n'));
  for (const [table, name] of indexes) {
    if (!(await isReady(knex, `${table}_${name}`))) throw new Error(`${table}_${name} is not on every partition of ${table}; run the migrations again.`);
  }
}
