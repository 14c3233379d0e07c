/**
 * Deployments and events become partitioned by time-ordered id in three steps, so that what runs is never held up for
 * long. First: what is there becomes the oldest partition, and says that it ends with this quarter. That is not
 * checked yet, hence quick. A quarter that ends within a week is followed by the next one: until the third step nothing
 * later may be written.
 *
 * Decisions no longer refer to deployments by a constraint: for every partition that goes, it would look through all of them.
 */
const TABLES = [
  ['deployments', 'id'],
  ['events', 'deployment_id'],
];

export const blocks = 'It looks at one row, to see whether there is any.';

export async function up(knex) {
  await knex.raw('ALTER TABLE decisions DROP CONSTRAINT decisions_deployment_id_fkey');
  // Nothing is there yet: the third step begins afresh.
  const { rows: some } = await knex.raw('SELECT 1 FROM deployments LIMIT 1');
  if (some.length === 0) return;
  const { rows: [{ bound }] } = await knex.raw(`
    SELECT lpad(to_hex((extract(epoch FROM date_trunc('quarter', now() + interval '7 days', 'UTC') AT TIME ZONE 'UTC' + interval '3 months') * 1000)::bigint), 12, '0')
      || repeat('0', 20) AS bound`);
  for (const [table, key] of TABLES) {
    await knex.raw(`ALTER TABLE ${table} ADD CONSTRAINT ${table}_before CHECK (${key} < '${bound}'::uuid) NOT VALID`);
  }
}

export async function down(knex) {
  for (const [table] of TABLES) await knex.raw(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${table}_before`);
  await knex.raw(`
    DELETE FROM decisions x WHERE NOT EXISTS (SELECT 1 FROM deployments d WHERE d.id = x.deployment_id);
    ALTER TABLE decisions ADD CONSTRAINT decisions_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments (id) ON DELETE CASCADE`);
}
