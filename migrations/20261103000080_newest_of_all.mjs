/**
 * Lists of messages, of tickets and of the history of settings with a filter are never read along the newest of all, as
 * with deployments: an index whose condition always holds is only used by who states it.
 */
export const up = (knex) =>
  knex.raw(`
DROP INDEX effects_slack, effects_tickets, setting_events_newest;
CREATE INDEX effects_slack ON effects (created_at DESC, id DESC) WHERE target = 'slack' AND id >= '00000000-0000-0000-0000-000000000000';
CREATE INDEX effects_tickets ON effects (created_at DESC, id DESC)
  WHERE kind IN ('jira.ticket', 'jira.issue') AND id >= '00000000-0000-0000-0000-000000000000';
CREATE INDEX setting_events_newest ON setting_events (at DESC, id DESC) WHERE id >= '00000000-0000-0000-0000-000000000000';
COMMENT ON INDEX effects_slack IS 'Holds every row of the target; queries must state its condition to be served by it';
COMMENT ON INDEX effects_tickets IS 'Holds every ticket; queries must state its condition to be served by it';
COMMENT ON INDEX setting_events_newest IS 'Holds every row; queries must state its condition to be served by it';
`);

export const down = (knex) =>
  knex.raw(`
DROP INDEX effects_slack, effects_tickets, setting_events_newest;
CREATE INDEX effects_slack ON effects (created_at DESC, id DESC) WHERE target = 'slack';
CREATE INDEX effects_tickets ON effects (created_at DESC, id DESC) WHERE kind IN ('jira.ticket', 'jira.issue');
CREATE INDEX setting_events_newest ON setting_events (at DESC, id DESC);
`);
