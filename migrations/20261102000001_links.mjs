/** Deployments that go back from another one or bring its version to another environment. */
export const up = (knex) =>
  knex.raw(`
ALTER TABLE deployments ADD COLUMN rollback_of uuid, ADD COLUMN promoted_from uuid;
CREATE INDEX deployments_succeeded ON deployments (project, environment, finished_at DESC, id DESC)
  WHERE status IN ('succeeded', 'rolled_back');
`);

export const down = (knex) =>
  knex.raw(`
DROP INDEX deployments_succeeded;
ALTER TABLE deployments DROP COLUMN rollback_of, DROP COLUMN promoted_from;
`);
