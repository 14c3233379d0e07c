/** What was said in Slack, listed by its place, kind and phase; and the approvals that wait, most urgent first. */
export const up = (knex) =>
  knex.raw(`
CREATE INDEX effects_slack ON effects (created_at DESC, id DESC) WHERE target = 'slack';
CREATE INDEX effects_slack_kind ON effects (kind, created_at DESC, id DESC) WHERE target = 'slack';
CREATE INDEX effects_slack_channel ON effects (destination, created_at DESC, id DESC) WHERE target = 'slack';
CREATE INDEX effects_slack_open ON effects (phase, created_at DESC, id DESC) WHERE target = 'slack' AND phase <> 'sent';
COMMENT ON INDEX effects_slack_open IS 'Nearly all are sent: those are found as well by time';
CREATE INDEX deployments_waiting ON deployments (approval_expires_at, id) WHERE approval_status = 'pending';
`);

export const down = (knex) =>
  knex.raw(`
DROP INDEX deployments_waiting;
DROP INDEX effects_slack_open;
DROP INDEX effects_slack_channel;
DROP INDEX effects_slack_kind;
DROP INDEX effects_slack;
`);
