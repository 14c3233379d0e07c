import Joi from 'joi';
import type { ProjectFields } from '@deptracker/domain';
import { type Archived, archived } from '../archived.js';
import { count, line, parameter, webAddress } from '../fields.js';
import { named, orNull, revision, shown, text, time } from '../shown.js';

/** What deployments name a project by. */
export const projectKey: Joi.StringSchema = line(200);

const FIELDS = {
  name: line(200).description('For people.'),
  team: line(200).allow(null),
  repositoryUrl: webAddress.allow(null),
  jiraProjectKey: Joi.string()
    .max(50)
    .pattern(/^[A-Z][A-Z0-9_]*$/)
    .allow(null)
    .messages({ 'string.pattern.base': '{#label} must be a project key of Jira, in capitals' })
    .description('Where tickets of its deployments go; null is the project that is configured.'),
  defaultChannelId: Joi.string()
    .max(50)
    .pattern(/^[CG][A-Z0-9]+$/)
    .allow(null)
    .messages({ 'string.pattern.base': '{#label} must be the id of a channel, not its name' })
    .description('Where approvals and notices of its deployments go, unless a channel mapping says otherwise; null is the channel that is configured.'),
} as const;

export type CreateBody = Omit<ProjectFields, 'name'> & { readonly key: string; readonly name: string | null };

/** The body of POST /projects. */
export const createBody: Joi.ObjectSchema<CreateBody> = Joi.object<CreateBody>({
  key: projectKey.required().description('What deployments name it by; it never changes.'),
  name: FIELDS.name.allow(null).default(null).description('For people; the key where it is not given.'),
  team: FIELDS.team.default(null),
  repositoryUrl: FIELDS.repositoryUrl.default(null),
  jiraProjectKey: FIELDS.jiraProjectKey.default(null),
  defaultChannelId: FIELDS.defaultChannelId.default(null),
})
  .required()
  .label('the body')
  .meta({ component: 'NewProject' });

export type UpdateBody = Partial<ProjectFields> & { readonly key?: string };

/** The body of PUT /projects/:key. The key may be said again, as it is. */
export const updateBody: Joi.ObjectSchema<UpdateBody> = Joi.object<UpdateBody>({ key: projectKey, ...FIELDS })
  .or('key', 'name', 'team', 'repositoryUrl', 'jiraProjectKey', 'defaultChannelId')
  .required()
  .label('the body')
  .messages({ 'object.missing': 'nothing to change is given' })
  .meta({ component: 'ProjectChange' });

export interface ListQuery {
  readonly team?: string;
  readonly archived: Archived;
  readonly q?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /projects. */
export const listQuery: Joi.ObjectSchema<ListQuery> = Joi.object<ListQuery>({
  team: parameter(200),
  archived,
  q: parameter(200).description('The beginning of the key; case matters.'),
  limit: count(1, 200).default(50),
  cursor: parameter(1500).description('`nextCursor` of the page before, with the same filters.'),
});

/** A project as `presentProject` shows it. */
export const project: Joi.ObjectSchema = named('Project', shown({
  key: text.example('user-service'),
  revision: revision.description('Counts every change.'),
  name: text.example('User service'),
  team: orNull(text).example('identity'),
  repositoryUrl: orNull(text).example('https://git.example.com/identity/user-service'),
  jiraProjectKey: orNull(text).example('IDN'),
  defaultChannelId: orNull(text).example('C0123ABCD'),
  archivedAt: orNull(time).description('Since when nothing more can be deployed of it.'),
  createdAt: time,
  updatedAt: time,
}));
