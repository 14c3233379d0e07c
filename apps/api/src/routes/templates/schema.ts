import { TEMPLATE_PURPOSES, type TemplatePurpose } from '@deptracker/domain';
import Joi from 'joi';
import { count, line, parameter, uuid } from '../fields.js';
import { id, named, orNull, revision, shown, text, time } from '../shown.js';

/** Enough for a page of text; whoever needs more wants a link. */
const LONGEST_BODY = 10_000;

const purpose = Joi.string().valid(...TEMPLATE_PURPOSES);

const body = Joi.string()
  .max(LONGEST_BODY)
  .description('In Mustache\'s syntax, without `{{{x}}}`, `{{&x}}`, partials and other delimiters.')
  .meta({ openapi: { pattern: String.raw`^[^\u0000]*$` } });

const project = line(200).allow(null).default(null).description('The project that it is for; null is for all that have none of their own.');

export interface CreateBody {
  readonly purpose: TemplatePurpose;
  readonly project: string | null;
  readonly body: string;
}

/** The body of POST /templates. */
export const createBody: Joi.ObjectSchema<CreateBody> = Joi.object<CreateBody>({ purpose: purpose.required(), project, body: body.required() })
  .required()
  .label('the body')
  .meta({ component: 'NewTemplate' });

export interface UpdateBody {
  readonly body: string;
}

/** The body of PUT /templates/:id. */
export const updateBody: Joi.ObjectSchema<UpdateBody> = Joi.object<UpdateBody>({ body: body.required() })
  .required()
  .label('the body')
  .meta({ component: 'TemplateChange' });

export interface PreviewBody {
  readonly purpose: TemplatePurpose;
  readonly body: string;
  readonly deploymentId?: string;
  readonly project?: string;
}

/** The body of POST /templates/preview. */
export const previewBody: Joi.ObjectSchema<PreviewBody> = Joi.object<PreviewBody>({
  purpose: purpose.required(),
  body: body.required(),
  deploymentId: uuid.description('The deployment that is told of, with its last event; without it an example.'),
  project: line(200).description('Shows it as one of this project.'),
})
  .required()
  .label('the body')
  .meta({ component: 'TemplateToPreview' });

export interface ListQuery {
  readonly purpose?: TemplatePurpose;
  readonly project?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /templates. */
export const listQuery: Joi.ObjectSchema<ListQuery> = Joi.object<ListQuery>({
  purpose: parameter(20).valid(...TEMPLATE_PURPOSES),
  project: parameter(200).description('Only those that are for exactly this project.'),
  limit: count(1, 200).default(50),
  cursor: parameter(500).description('`nextCursor` of the page before, with the same filters.'),
});

const MISTAKE = shown({ message: text, line: Joi.number().integer(), column: Joi.number().integer() });

/** A template as `presentTemplate` shows it. */
export const template: Joi.ObjectSchema = named('Template', shown({
  id: text.description('A UUID; of a built-in template its purpose.').example('01a1f9c1-1f18-73d2-9c31-723516cb0a45'),
  revision: revision.description('Counts every change; 0 of a built-in template.'),
  purpose,
  project: orNull(text).description('Null is for all projects that have none of their own.'),
  body: text,
  builtIn: Joi.boolean().description('What is said where nothing else is stored. It can neither be changed nor deleted.'),
  errors: Joi.array().items(MISTAKE).description('Why it is not used, after an upgrade; empty where it is.'),
  createdAt: orNull(time),
  updatedAt: orNull(time),
}));

const VARIABLE = shown({
  name: text.description('`deployment.links[].title` is written `{{title}}` within `{{#deployment.links}}…{{/deployment.links}}`.').example('deployment.project'),
  kind: Joi.string().valid('text', 'number', 'flag', 'list'),
  meaning: text,
  example: orNull(text).description('What the example deployment has there.'),
});

/** What `GET /templates/variables` answers. */
export const variables: Joi.ObjectSchema = named('TemplateVariables', shown({
  data: Joi.array().items(shown({
    purpose,
    meaning: text,
    lines: Joi.string().valid('one', 'many'),
    limit: Joi.number().integer().description('Most characters of the text; what is longer is cut.'),
    ownLimit: Joi.number().integer().description('Most characters that the template itself may say.'),
    variables: Joi.array().items(VARIABLE),
  })),
}));

const MESSAGE = shown({
  kind: Joi.string().valid('slack.approval', 'slack.reply', 'slack.digest'),
  text,
  blocks: orNull(Joi.array().items(Joi.object().unknown(true))).description('In Slack\'s Block Kit; null where it is only text.'),
});

const DOCUMENT = Joi.object().unknown(true).description('In the Atlassian Document Format.');

/** What `POST /templates/preview` answers. */
export const preview: Joi.ObjectSchema = named('TemplatePreview', shown({
  purpose,
  deploymentId: orNull(id).description('Null for the example.'),
  plain: text.description('The text alone, as a reader sees it.'),
  messages: Joi.array().items(MESSAGE).description('What Slack would be sent.'),
  ticket: orNull(shown({ summary: text, description: DOCUMENT })).description('What Jira would be sent.'),
  email: orNull(shown({ subject: text, body: text })),
}));
