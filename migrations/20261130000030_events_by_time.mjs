import { dropFromParts, makeOnParts } from './shared/partitioned-index.mjs';

/**
 * Events by time first, in the same three steps as the indexes of deployments: whoever asks for some types asks for little
 * time, and what is new comes in at one end instead of in the middle of its type's.
 */
export const INDEXES = [['events', 'by_time', '(at, type text_pattern_ops)']];

export const up = (knex) => makeOnParts(knex, INDEXES);

export const down = (knex) => dropFromParts(knex, INDEXES);

export const config = { transaction: false };
