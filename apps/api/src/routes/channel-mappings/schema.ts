import Joi from 'joi';
import { CHANNEL_ID, DomainError } from '@deptracker/domain';
import type { ChannelMappingFilter } from '@deptracker/store';
import { count, line, parameter, uuid } from '../fields.js';
import type { PathParameter } from '../operation.js';
import { id, named, orNull, revision, shown, text, time } from '../shown.js';

/** There is no channel mapping of this id. */
export function noChannelMapping(id: string): DomainError {
  return new DomainError({ code: 'channel_mapping_not_found', id }, `There is no channel mapping ${id}.`);
}

/** The id in the request's address. */
export const channelMappingId: PathParameter<string> = {
  schema: uuid,
  description: 'The id that creating the mapping answered with.',
  problem: 'channel-mapping-not-found',
  missing: noChannelMapping,
};

/** `**` means the same as `*`, and the same pair must be known again. */
const oneStar = (pattern: string): string => pattern.replaceAll(/\*{2,}/g, '*');
const pattern = line(200).custom(oneStar);

const channelId = Joi.string()
  .pattern(new RegExp(String(CHANNEL_ID.schema['pattern'])))
  .messages({ 'string.pattern.base': `{#label} must be ${CHANNEL_ID.expects}` })
  .example('C0PAYMENTS');

export interface ChannelMappingBody {
  readonly project: string;
  readonly environment: string;
  readonly channelId: string;
}

/** The body of POST /channel-mappings. */
export const channelMappingBody: Joi.ObjectSchema<ChannelMappingBody> = Joi.object<ChannelMappingBody>({
  project: pattern.required().description('A name, or a pattern in which `*` stands for any characters.').example('payments-*'),
  environment: pattern.required().description('Likewise.').example('production'),
  channelId: channelId.required().description('The id of the channel, not its name. The bot must be in it.'),
})
  .required()
  .label('the body')
  .meta({ component: 'NewChannelMapping' });

export interface ChannelMappingsQuery extends ChannelMappingFilter {
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /channel-mappings. */
export const channelMappingsQuery: Joi.ObjectSchema<ChannelMappingsQuery> = Joi.object<ChannelMappingsQuery>({
  project: parameter(200).custom(oneStar).description('The pattern as it is written, not a name that fits it.'),
  environment: parameter(200).custom(oneStar).description('Likewise.'),
  channelId: parameter(30),
  limit: count(1, 200).default(50),
  cursor: parameter(2000).description('`nextCursor` of the page before, with the same filters.'),
});

export interface ResolveQuery {
  readonly project: string;
  readonly environment: string;
}

/** The query of GET /channel-mappings/resolve. */
export const resolveQuery: Joi.ObjectSchema<ResolveQuery> = Joi.object<ResolveQuery>({
  project: parameter(200).required(),
  environment: parameter(200).required(),
});

/** A channel mapping as `presentChannelMapping` shows it. */
export const channelMapping: Joi.ObjectSchema = named('ChannelMapping', shown({
  id,
  revision,
  project: text.example('payments-*'),
  environment: text.example('production'),
  channelId: text.example('C0PAYMENTS'),
  createdBy: orNull(text).example('alice@example.com'),
  createdAt: time,
}));

const RULE = Joi.string().valid('mapping', 'project', 'configuration');

const CANDIDATE = shown({
  rule: RULE,
  chosen: Joi.boolean(),
  channelId: text,
  mapping: orNull(shown({ id, project: text, environment: text })).description('Of the rule `mapping`; else null.'),
  reason: text.description('Why it was chosen, or why not.'),
});

/** What `presentResolution` shows. */
export const resolution: Joi.ObjectSchema = named('ChannelResolution', shown({
  project: text,
  environment: text,
  channelId: text.example('C0PAYMENTS'),
  rule: RULE.description("A mapping, the project's default channel, or the configuration `slack.channel`."),
  candidates: Joi.array().items(CANDIDATE).description('Everything there was to choose from, in order; the first is the chosen one.'),
}));
