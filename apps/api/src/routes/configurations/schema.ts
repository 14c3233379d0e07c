import Joi from 'joi';
import { CONFIGURATION_KEYS, type ConfigurationKey, DomainError } from '@deptracker/domain';
import type { PathParameter } from '../operation.js';
import { named, orNull, page, revision, shown, text, time } from '../shown.js';

/** The key in the request's address. */
export const configurationKey: PathParameter<ConfigurationKey> = {
  schema: Joi.string<ConfigurationKey>().valid(...CONFIGURATION_KEYS),
  description: 'One of the keys that `GET /configurations` lists.',
  problem: 'configuration-not-found',
  missing: (key) => new DomainError({ code: 'configuration_not_found', key }, `There is no configuration ${key}.`),
};

const VALUE = Joi.alternatives().try(Joi.number().unsafe(), Joi.string().allow(''), Joi.array().items(Joi.string().allow('')));

export interface ConfigurationBody {
  readonly value: unknown;
}

/** The body of PUT /configurations/:key. Which values are taken depends on the key. */
export const configurationBody: Joi.ObjectSchema<ConfigurationBody> = Joi.object<ConfigurationBody>({
  value: VALUE.required()
    .messages({ 'alternatives.types': 'value must be a number, a text or a list of texts', 'alternatives.match': 'value must be a number, a text or a list of texts' })
    .description('As the `schema` of the configuration has it.'),
})
  .required()
  .label('the body')
  .meta({ component: 'ConfigurationChange' });

/** A configuration as `presentConfiguration` shows it. */
export const configuration: Joi.ObjectSchema = named('Configuration', shown({
  key: Joi.string().valid(...CONFIGURATION_KEYS),
  value: VALUE.description('In force.'),
  default: VALUE.description('What holds where nothing is set.'),
  isDefault: Joi.boolean().description('Nothing is set, so the default holds.'),
  unit: orNull(text).example('seconds'),
  schema: Joi.object().unknown(true).description('The values that can be set, as JSON Schema.'),
  description: text,
  defaultFrom: orNull(text).description('The environment variable that the default comes from.').example('DEFAULT_APPROVAL_TTL'),
  ignored: Joi.any().description('A value that is set but that this version does not accept, so that the default holds; else null.'),
  revision: revision.description('Counts every change; 0 while it was never set.'),
  updatedAt: orNull(time),
  updatedBy: orNull(text).description('Who changed it last, as they said themselves.'),
}));

/** All of them, in the form of a list. */
export const configurations: Joi.ObjectSchema = page(configuration);
