/**
 * Of which deployments the rest is still to be removed, batch by batch: their partition is gone. And what Postgres knows of
 * the partitioned tables as a whole: autovacuum looks at partitions only. Not in the step before, which nobody may pass.
 */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE dropped_partitions (
  from_id uuid PRIMARY KEY,
  to_id uuid NOT NULL,
  dropped_at timestamptz NOT NULL DEFAULT now()
);
ANALYZE deployments;
ANALYZE events;
`);

export const down = (knex) => knex.raw('DROP TABLE dropped_partitions');
