/** Tickets that belong to no deployment, and what people did with a ticket in Jira. */
export const up = (knex) =>
  knex.raw(`
ALTER TABLE jira_tickets
  DROP CONSTRAINT jira_tickets_pkey,
  ALTER COLUMN deployment_id DROP NOT NULL,
  ALTER COLUMN issue_id DROP NOT NULL,
  ALTER COLUMN key DROP NOT NULL,
  ALTER COLUMN url DROP NOT NULL,
  ADD PRIMARY KEY (effect_id),
  ADD CONSTRAINT jira_tickets_deployment UNIQUE (deployment_id),
  ADD COLUMN project_key text,
  ADD COLUMN summary text,
  ADD COLUMN description text,
  ADD COLUMN type text,
  ADD COLUMN assignee_id text,
  ADD COLUMN assignee text,
  ADD COLUMN priority text,
  ADD COLUMN resolution text,
  ADD COLUMN requested_by text,
  ADD COLUMN owed_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN seen_at timestamptz,
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN other_ids text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN jira_tickets.issue_id IS 'Null as long as nothing is known to stand in Jira';
COMMENT ON COLUMN jira_tickets.owed_at IS 'The effect''s created_at, to sort by here';
COMMENT ON COLUMN jira_tickets.seen_at IS 'On Jira''s clock: what Jira told last is of then; null where Jira told nothing by itself';
COMMENT ON COLUMN jira_tickets.other_ids IS 'Issues with our label that are not the ticket: deleted before, or duplicates that were dealt with';
UPDATE jira_tickets t SET owed_at = e.created_at FROM effects e WHERE e.id = t.effect_id;
CREATE INDEX jira_tickets_issue ON jira_tickets (issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX jira_tickets_status ON jira_tickets (status, owed_at DESC, effect_id DESC) WHERE status IS NOT NULL;
CREATE INDEX effects_tickets ON effects (created_at DESC, id DESC) WHERE kind IN ('jira.ticket', 'jira.issue');
CREATE INDEX effects_tickets_phase ON effects (phase, created_at DESC, id DESC) WHERE kind IN ('jira.ticket', 'jira.issue');
`);

export const down = (knex) =>
  knex.raw(`
DROP INDEX effects_tickets_phase, effects_tickets, jira_tickets_status, jira_tickets_issue;
DELETE FROM jira_tickets WHERE deployment_id IS NULL OR issue_id IS NULL;
DELETE FROM effects WHERE kind = 'jira.issue';
ALTER TABLE jira_tickets
  DROP CONSTRAINT jira_tickets_pkey,
  DROP CONSTRAINT jira_tickets_deployment,
  DROP COLUMN project_key,
  DROP COLUMN summary,
  DROP COLUMN description,
  DROP COLUMN type,
  DROP COLUMN assignee_id,
  DROP COLUMN assignee,
  DROP COLUMN priority,
  DROP COLUMN resolution,
  DROP COLUMN requested_by,
  DROP COLUMN owed_at,
  DROP COLUMN seen_at,
  DROP COLUMN deleted_at,
  DROP COLUMN other_ids,
  ALTER COLUMN issue_id SET NOT NULL,
  ALTER COLUMN key SET NOT NULL,
  ALTER COLUMN url SET NOT NULL,
  ADD PRIMARY KEY (deployment_id);
`);
