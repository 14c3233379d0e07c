/**
 * The third step changes names and no row: what is there is attached as the partition of everything before. Indexes of
 * the whole are made from those of the part, which are theirs from then on. Quarters follow, and metrics-cron makes
 * further ones; what has a place in none goes to the default partition, so that no write ever fails for lack of one.
 */
const TABLES = [
  ['deployments', 'id'],
  ['events', 'deployment_id'],
];
/** Quarters that there are from the beginning, besides what is before. */
const QUARTERS = 4;
const MONTHS = 3;

/** The least UUIDv7 of a time. */
const floorOf = (time) => time.getTime().toString(16).padStart(12, '0').padEnd(32, '0');
const quarterOf = (time, later = 0) => new Date(Date.UTC(time.getUTCFullYear(), (Math.floor(time.getUTCMonth() / MONTHS) + later) * MONTHS));
const nameOf = (table, start) => `${table}_${start.getUTCFullYear()}q${start.getUTCMonth() / MONTHS + 1}`;

/** Where the oldest partition ends. The first step has said so, unless there was nothing then; then there is still little now. */
async function firstQuarter(knex) {
  const { rows: [check] } = await knex.raw(`
    SELECT substring(pg_get_constraintdef(oid) FROM '[0-9a-f-]{36}') AS bound FROM pg_constraint WHERE conname = 'deployments_before'`);
  if (check) return new Date(parseInt(check.bound.replaceAll('-', '').slice(0, 12), 16));
  const { rows: [state] } = await knex.raw('SELECT now(), EXISTS (SELECT 1 FROM deployments) AS some');
  return quarterOf(state.now, state.some ? 1 : 0);
}

const indexesOf = (table) => `
SELECT c.relname AS name, pg_get_indexdef(c.oid) AS sql, obj_description(c.oid) AS said, i.indisprimary AS main
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '${table}'::regclass ORDER BY c.relname`;

/** What makes an index of the whole of one that is the part's from now on. */
const lifted = (table, { name, sql, said, main }) => [
  `ALTER INDEX ${name} RENAME TO ${name.replace(table, `${table}_before`)}`,
  main ? `ALTER TABLE ${table} ADD CONSTRAINT ${name} PRIMARY KEY ${sql.slice(sql.indexOf('('))}` : sql,
  ...(said === null ? [] : [`COMMENT ON INDEX ${name} IS '${said.replaceAll("'", "''")}'`]),
];

function partitioned(table, key, first, indexes) {
  const before = `${table}_before`;
  const end = floorOf(first);
  const quarters = Array.from({ length: QUARTERS }, (_, at) => [quarterOf(first, at), quarterOf(first, at + 1)]);
  return [
    `ALTER TABLE ${table} RENAME TO ${before}`,
    `CREATE TABLE ${table} (LIKE ${before} INCLUDING DEFAULTS INCLUDING COMMENTS) PARTITION BY RANGE (${key})`,
    ...indexes.flatMap((index) => lifted(table, index)),
    // By the key, and mostly none.
    `CREATE TEMP TABLE later ON COMMIT DROP AS SELECT * FROM ${before} WHERE ${key} >= '${end}'::uuid`,
    `DELETE FROM ${before} WHERE ${key} >= '${end}'::uuid`,
    `ALTER TABLE ${table} ATTACH PARTITION ${before} FOR VALUES FROM (MINVALUE) TO ('${end}')`,
    `ALTER TABLE ${before} DROP CONSTRAINT IF EXISTS ${before}`,
    `CREATE TABLE ${table}_default PARTITION OF ${table} DEFAULT`,
    ...quarters.map(([from, to]) => `CREATE TABLE ${nameOf(table, from)} PARTITION OF ${table} FOR VALUES FROM ('${floorOf(from)}') TO ('${floorOf(to)}')`),
    `INSERT INTO ${table} SELECT * FROM later`,
    'DROP TABLE later',
  ];
}

export const blocks = 'It changes names, and looks at no rows but those of the newest span, by the key.';

/** All in one message: everybody waits meanwhile. */
export async function up(knex) {
  const first = await firstQuarter(knex);
  const statements = [];
  for (const [table, key] of TABLES) {
    const { rows: indexes } = await knex.raw(indexesOf(table));
    statements.push(...partitioned(table, key, first, indexes));
  }
  await knex.raw(statements.join(';\n'));
}

/** Brings the rows of all partitions into the oldest, which takes its old name back. Copies what the others hold. */
async function unite(knex, table) {
  const before = `${table}_before`;
  const { rows: [there] } = await knex.raw(`SELECT 1 FROM pg_inherits WHERE inhparent = '${table}'::regclass AND inhrelid = to_regclass('${before}')`);
  const { rows: indexes } = await knex.raw(`
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS sql, i.indisprimary AS main, obj_description(i.indexrelid) AS said,
      (SELECT x.indexrelid::regclass::text FROM pg_inherits h JOIN pg_index x ON x.indexrelid = h.inhrelid
       WHERE h.inhparent = i.indexrelid AND x.indrelid = to_regclass('${before}')) AS part
    FROM pg_index i WHERE i.indrelid = '${table}'::regclass`);
  // Retention may have removed the oldest.
  await knex.raw(there ? `ALTER TABLE ${table} DETACH PARTITION ${before}` : `CREATE TABLE ${before} (LIKE ${table} INCLUDING DEFAULTS INCLUDING COMMENTS)`);
  await knex.raw(`INSERT INTO ${before} SELECT * FROM ${table}; DROP TABLE ${table}; ALTER TABLE ${before} RENAME TO ${table}`);
  for (const { name, sql, main, said, part } of indexes) {
    if (part !== null) await knex.raw(`ALTER INDEX ${part} RENAME TO ${name}`);
    else await knex.raw(main ? `ALTER TABLE ${table} ADD CONSTRAINT ${name} PRIMARY KEY ${sql.slice(sql.indexOf('('))}` : sql.replace(' ON ONLY ', ' ON '));
    if (said !== null) await knex.raw(`COMMENT ON INDEX ${name} IS '${said.replaceAll("'", "''")}'`);
  }
}

export async function down(knex) {
  for (const [table] of TABLES) await unite(knex, table);
}
