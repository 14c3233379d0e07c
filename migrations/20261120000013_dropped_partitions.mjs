/** Of which deployments the rest is still to be removed, batch by batch: their partition is gone. */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE dropped_partitions (
  from_id uuid PRIMARY KEY,
  to_id uuid NOT NULL,
  dropped_at timestamptz NOT NULL DEFAULT now()
);
`);

export const down = (knex) => knex.raw('DROP TABLE dropped_partitions');
