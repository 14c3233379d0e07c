import Joi from 'joi';
import type { EnvironmentFields, OwnPolicy } from '@deptracker/domain';
import type { EnvironmentEdit } from '@deptracker/application';
import { type Archived, archived } from '../archived.js';
import { count, email, line, parameter } from '../fields.js';
import { named, orNull, revision, shown, text, time } from '../shown.js';

/** What deployments name an environment by. */
export const environmentName: Joi.StringSchema = line(200);

const YEAR_S = 366 * 86_400;
const MOST_RANK = 1_000_000;

const whole = (min: number, max: number): Joi.NumberSchema => Joi.number().integer().min(min).max(max);

/** Of somebody whose address Slack does not tell. */
const SLACK_PERSON = /^slack:[A-Z0-9]{1,50}:[A-Z0-9]{1,50}$/;

const person = Joi.string()
  .custom((text: string, helpers) => {
    if (SLACK_PERSON.test(text)) return text;
    const { error, value } = email.validate(text) as { error?: Error; value: string };
    return error === undefined ? value : helpers.error('string.email');
  })
  .messages({ 'string.email': '{#label} must be an e-mail address, or slack:<workspace>:<user>' })
  .meta({ openapi: { type: 'string', format: 'email', maxLength: 254 } })
  .example('bob@example.com');

const ttl = whole(1, YEAR_S).description('How long people have to decide.');
const timeout = whole(1, YEAR_S).description('How long a rollout may take.');

/** Each member may be null: then the default in force holds. */
const POLICY = {
  required: whole(0, 100).allow(null).description('How many people must approve; 0 asks nobody.'),
  eligible: Joi.array().items(person).min(1).max(200).unique().allow(null).description('Who may decide; null is anybody.'),
  requesterMayApprove: Joi.boolean().allow(null),
  ttlSeconds: ttl.allow(null),
  timeoutSeconds: timeout.allow(null),
} as const;

const policy = <T extends object>(members: Joi.SchemaMap): Joi.ObjectSchema<T> =>
  Joi.object<T>(members).description('Who must approve; a member that is null leaves it to the default in force.');

const RANK = whole(0, MOST_RANK).description('Its place in a list: smaller ones come first.');

export interface CreateBody extends EnvironmentFields {
  readonly name: string;
}

const withDefault = <S extends Joi.Schema>(schema: S): Joi.Schema => schema.default(null);

/** The body of POST /environments. */
export const createBody: Joi.ObjectSchema<CreateBody> = Joi.object<CreateBody>({
  name: environmentName.required().description('What deployments name it by; it never changes.'),
  rank: RANK.default(0),
  production: Joi.boolean().default(false),
  approvalPolicy: policy<OwnPolicy>(Object.fromEntries(Object.entries(POLICY).map(([name, one]) => [name, withDefault(one)])))
    .default({ required: null, eligible: null, requesterMayApprove: null, ttlSeconds: null, timeoutSeconds: null })
    .meta({ component: 'NewApprovalPolicy' }),
})
  .required()
  .label('the body')
  .meta({ component: 'NewEnvironment' });

export type UpdateBody = EnvironmentEdit & { readonly name?: string };

/** The body of PUT /environments/:name. The name may be said again, as it is. */
export const updateBody: Joi.ObjectSchema<UpdateBody> = Joi.object<UpdateBody>({
  name: environmentName,
  rank: RANK,
  production: Joi.boolean(),
  approvalPolicy: policy(POLICY).meta({ component: 'ApprovalPolicyChange' }),
})
  .or('name', 'rank', 'production', 'approvalPolicy')
  .required()
  .label('the body')
  .messages({ 'object.missing': 'nothing to change is given' })
  .meta({ component: 'EnvironmentChange' });

export interface ListQuery {
  readonly production?: 'true' | 'false';
  readonly archived: Archived;
  readonly q?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /environments. */
export const listQuery: Joi.ObjectSchema<ListQuery> = Joi.object<ListQuery>({
  production: parameter(10).valid('true', 'false'),
  archived,
  q: parameter(200).description('The beginning of the name; case matters.'),
  limit: count(1, 200).default(50),
  cursor: parameter(1500).description('`nextCursor` of the page before, with the same filters.'),
});

export { MOST_RANK };

const REQUIRED = Joi.number().integer().min(0).example(2);
const ELIGIBLE = orNull(Joi.array().items(text.example('bob@example.com')));
const SECONDS = Joi.number().integer().min(1).example(86_400);

const OWN = named('ApprovalPolicy', shown({
  required: orNull(REQUIRED),
  eligible: ELIGIBLE,
  requesterMayApprove: orNull(Joi.boolean()),
  ttlSeconds: orNull(SECONDS),
  timeoutSeconds: orNull(SECONDS),
})).description('What is said of this environment; null is the default in force.');

const EFFECTIVE = named('EffectivePolicy', shown({
  required: REQUIRED,
  eligible: ELIGIBLE.description('Null is anybody.'),
  requesterMayApprove: Joi.boolean(),
  ttlSeconds: SECONDS,
  timeoutSeconds: SECONDS,
})).description('What holds now for a new deployment.');

/** An environment as `presentEnvironment` shows it. */
export const environment: Joi.ObjectSchema = named('Environment', shown({
  name: text.example('production'),
  revision: revision.description('Counts every change.'),
  rank: Joi.number().integer().example(30),
  production: Joi.boolean(),
  approvalPolicy: OWN,
  effectivePolicy: EFFECTIVE,
  archivedAt: orNull(time).description('Since when nothing more can be deployed to it.'),
  createdAt: time,
  updatedAt: time,
}));
