/** When an edit whose answer was lost is made once more, because it may have been applied after a newer one. */
export const up = (knex) => knex.raw('ALTER TABLE effects ADD COLUMN confirm_at timestamptz');

export const down = (knex) => knex.raw('ALTER TABLE effects DROP COLUMN confirm_at');
