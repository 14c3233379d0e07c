/** The third step: what is by type and time goes. */
export const up = (knex) => knex.raw('DROP INDEX events_type_at');

export const down = (knex) => knex.raw('CREATE INDEX events_type_at ON events (type, at)');
