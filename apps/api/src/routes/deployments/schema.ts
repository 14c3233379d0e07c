import Joi from 'joi';
import { APPROVAL_STATUSES, type ApprovalStatus, type DeploymentRequest, type Edit, STATUSES, type Status } from '@deptracker/domain';
import { commitSha, count, email, line, links, metadata, moment, parameter, prose, uuid } from '../fields.js';
import { id, named, orNull, revision, shown, text, time } from '../shown.js';

const optional = <S extends Joi.StringSchema>(schema: S): Joi.StringSchema => schema.allow(null);

/** What is fixed once a deployment is created. */
const REQUEST = {
  project: line(200),
  environment: line(200),
  version: line(200),
  commitSha: optional(commitSha),
  ref: optional(line(255)),
  requestedBy: optional(email),
  source: optional(line(200)),
  externalId: optional(line(200)),
  retryOf: optional(uuid),
} as const;

/** How a deployment comes from another one is for the operations that make it so. */
export type CreateBody = Omit<DeploymentRequest, 'rollbackOf' | 'promotedFrom'>;

/** What a deployment is created of. */
export const CREATION = {
  ...REQUEST,
  project: REQUEST.project.required(),
  environment: REQUEST.environment.required(),
  version: REQUEST.version.required(),
  commitSha: REQUEST.commitSha.default(null),
  ref: REQUEST.ref.default(null),
  requestedBy: REQUEST.requestedBy.default(null),
  source: REQUEST.source.default(null),
  externalId: REQUEST.externalId.default(null),
  retryOf: REQUEST.retryOf.default(null),
  description: prose(4000).default(null),
  links: links.default([]),
  metadata: metadata.default({}),
} as const;

/** The body of POST /deployments. */
export const createBody: Joi.ObjectSchema<CreateBody> = Joi.object<CreateBody>(CREATION)
  .required()
  .label('the body')
  .meta({ component: 'NewDeployment' });

/** Each member by its name: a spread with as many makes V8 keep the request as a dictionary, which all that read it pay for. */
export function requestOf(body: CreateBody): DeploymentRequest {
  return {
    project: body.project,
    environment: body.environment,
    version: body.version,
    commitSha: body.commitSha,
    ref: body.ref,
    description: body.description || null,
    requestedBy: body.requestedBy,
    source: body.source,
    externalId: body.externalId,
    links: body.links,
    metadata: body.metadata,
    retryOf: body.retryOf,
    rollbackOf: null,
    promotedFrom: null,
  };
}

type Fixed = Omit<DeploymentRequest, keyof Edit>;

export type UpdateBody = Partial<Fixed> & Edit & { readonly status?: Status; readonly actor?: string };

/** The body of PUT /deployments/:id. What never changes may be said again, as it is. */
export const updateBody: Joi.ObjectSchema<UpdateBody> = Joi.object<UpdateBody>({
  ...REQUEST,
  rollbackOf: optional(uuid),
  promotedFrom: optional(uuid),
  status: Joi.string().valid(...STATUSES),
  description: prose(4000),
  links,
  metadata,
  actor: email,
})
  .or('status', 'description', 'links', 'metadata', 'rollbackOf', 'promotedFrom', ...(Object.keys(REQUEST) as (keyof Fixed)[]))
  .required()
  .label('the body')
  .messages({ 'object.missing': 'nothing to change is given: one of status, description, links and metadata is needed' })
  .meta({ component: 'DeploymentChange' });

export interface ListQuery {
  readonly project?: string;
  readonly environment?: string;
  readonly status?: Status;
  readonly approval?: ApprovalStatus;
  readonly requestedBy?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly q?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Runs after `from`, which stands before it in the schema. */
export function afterFrom(to: Date, helpers: Joi.CustomHelpers<Date>): Date | Joi.ErrorReport {
  const [{ from }] = helpers.state.ancestors as [{ readonly from?: unknown }];
  return from instanceof Date && from >= to ? helpers.message({ custom: 'to must be later than from' }) : to;
}

/** The query of GET /deployments. */
export const listQuery: Joi.ObjectSchema<ListQuery> = Joi.object<ListQuery>({
  project: parameter(200),
  environment: parameter(200),
  status: parameter(20).valid(...STATUSES),
  approval: parameter(20).valid(...APPROVAL_STATUSES),
  requestedBy: parameter(254).custom((address: string) => address.toLowerCase()),
  from: moment.description('Created then or later.'),
  to: moment.custom(afterFrom).description('Created before; later than `from`.'),
  q: parameter(255).description('The beginning of project, version, ref or external id; case matters.'),
  limit: count(1, 200).default(50),
  cursor: parameter(500).description('`nextCursor` of the page before, with the same filters.'),
});

const LINK = shown({ title: text, url: text });

const DECISION = shown({
  decision: Joi.string().valid('approve', 'reject'),
  actor: text.description('A lower-case e-mail address, or `slack:<workspace>:<user>`.').example('bob@example.com'),
  reason: orNull(text),
  at: time,
});

const APPROVAL = shown({
  status: Joi.string().valid(...APPROVAL_STATUSES),
  required: Joi.number().integer().min(0).description('How many people must approve.').example(1),
  expiresAt: orNull(time),
  decisions: Joi.array().items(DECISION),
});

const TICKET = shown({ key: text.example('OPS-1'), url: text, status: orNull(text).description('As last seen; null until then.') });
const MESSAGE = shown({ kind: text.example('slack.approval'), channelId: text, ts: text.example('1795191545.753000') });

/** What is fixed once it is created, and what can be edited, as it is shown. */
export const SHOWN_REQUEST = {
  project: text.example('user-service'),
  environment: text.example('production'),
  version: text.example('1.4.0'),
  commitSha: orNull(text).example('9f2c1e7'),
  ref: orNull(text).example('main'),
  description: orNull(text),
  requestedBy: orNull(text).example('alice@example.com'),
  source: orNull(text).example('ci'),
  externalId: orNull(text).example('run-812'),
  links: Joi.array().items(LINK),
  metadata: Joi.object().unknown(true),
  retryOf: orNull(id),
  rollbackOf: orNull(id).description('The deployment that this one goes back from.'),
  promotedFrom: orNull(id).description('The deployment whose version this one brings here.'),
} as const;

/** A deployment as `presentDeployment` shows it. */
export const deployment: Joi.ObjectSchema = named('Deployment', shown({
  id,
  revision: revision.description('Counts every change.'),
  ...SHOWN_REQUEST,
  status: Joi.string().valid(...STATUSES),
  approval: APPROVAL,
  ticket: orNull(TICKET),
  messages: Joi.array().items(MESSAGE),
  createdAt: time,
  updatedAt: time,
  startedAt: orNull(time),
  finishedAt: orNull(time),
}));
