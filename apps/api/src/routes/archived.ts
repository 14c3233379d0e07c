import type Joi from 'joi';
import { parameter } from './fields.js';

export type Archived = 'true' | 'false' | 'any';

/** Whether a list has what is archived. */
export const archived: Joi.StringSchema = parameter(10)
  .valid('true', 'false', 'any')
  .default('false')
  .description('`true`: only what is archived; `any`: that too.');

/** As a filter; undefined is both. */
export function archivedFilter(asked: Archived): { readonly archived?: boolean } {
  return asked === 'any' ? {} : { archived: asked === 'true' };
}
