import { isReady } from './shared/partitioned-index.mjs';

/**
 * One index by kind and phase for the lists of messages and of tickets, which are read value by value, instead of five;
 * and that of messages by place upwards. Open jobs are merged from their kinds. The old ones go last, so that there is
 * always one that serves a list.
 */
const INDEXES = {
  effects_kind: 'effects (kind text_pattern_ops, phase text_pattern_ops, created_at, id)',
  effects_channel: `effects (destination text_pattern_ops, created_at, id) WHERE target = 'slack'`,
};

const LEAST = '00000000-0000-0000-0000-000000000000';
const OLD = {
  effects_tickets: `effects (created_at DESC, id DESC) WHERE kind IN ('jira.ticket', 'jira.issue') AND id >= '${LEAST}'`,
  effects_tickets_phase: `effects (phase, created_at DESC, id DESC) WHERE kind IN ('jira.ticket', 'jira.issue')`,
  effects_slack: `effects (created_at DESC, id DESC) WHERE target = 'slack' AND id >= '${LEAST}'`,
  effects_slack_kind: `effects (kind, created_at DESC, id DESC) WHERE target = 'slack'`,
  effects_slack_channel: `effects (destination, created_at DESC, id DESC) WHERE target = 'slack'`,
  effects_slack_open: `effects (phase, created_at DESC, id DESC) WHERE target = 'slack' AND phase <> 'sent'`,
  effects_jobs: `effects (id) WHERE (next_attempt_at IS NOT NULL OR (phase IN ('held', 'dead') AND discarded_at IS NULL))
    AND NOT (kind = 'slack.notice' AND parent_id IS NOT NULL)`,
};
const COMMENTS = {
  effects_tickets: 'Holds every ticket; queries must state its condition to be served by it',
  effects_slack: 'Holds every row of the target; queries must state its condition to be served by it',
  effects_slack_open: 'Nearly all are sent: those are found as well by time',
};

async function exchange(knex, made, dropped) {
  for (const [name, on] of Object.entries(made)) {
    // What an earlier run has finished may be the only one by now.
    if (await isReady(knex, name)) continue;
    await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await knex.raw(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
  }
  for (const name of Object.keys(dropped)) await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
}

export const up = (knex) => exchange(knex, INDEXES, OLD);

export async function down(knex) {
  await exchange(knex, OLD, INDEXES);
  for (const [name, text] of Object.entries(COMMENTS)) await knex.raw(`COMMENT ON INDEX ${name} IS '${text}'`);
}

export const config = { transaction: false };
