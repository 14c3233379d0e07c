import type { Knex } from 'knex';

let builder: Promise<Knex> | null = null;

/** Builds SQL only; it never connects. Knex is loaded when the first list is asked for: most processes never ask. */
export function sqlBuilder(): Promise<Knex> {
  builder ??= import('knex').then(({ default: knex }) => knex({ client: 'pg' }));
  return builder;
}
