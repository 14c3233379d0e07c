import { DomainError, TEMPLATE_PURPOSES, type TemplatePurpose } from '@deptracker/domain';
import Joi from 'joi';
import { asUuid } from '../fields.js';
import type { PathParameter } from '../operation.js';

/** There is no template of this id. */
export function noTemplate(id: string): DomainError {
  return new DomainError({ code: 'template_not_found', id }, `There is no template ${id}.`);
}

/** The purpose whose built-in template has this id; null where it is the id of a stored one. */
export function builtInPurpose(id: string): TemplatePurpose | null {
  return TEMPLATE_PURPOSES.find((purpose) => purpose === id) ?? null;
}

/** The id in the request's address; what cannot be an id is not found either. */
export const templateId: PathParameter<string> = {
  schema: Joi.string()
    .custom((text: string, helpers) => builtInPurpose(text) ?? asUuid(text) ?? helpers.error('string.guid'))
    .meta({ openapi: { type: 'string', pattern: `^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|${TEMPLATE_PURPOSES.join('|')})$` } }),
  description: 'The id that creating the template answered with; of a built-in one its purpose.',
  problem: 'template-not-found',
  missing: noTemplate,
};
