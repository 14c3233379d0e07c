import Joi from 'joi';
import type { Request } from 'express';
import { PHASES, type Phase } from '@deptracker/store';
import { validBody } from '../../http/validate.js';
import { afterFrom } from '../deployments/schema.js';
import { count, line, moment, parameter, prose, uuid } from '../fields.js';
import { id, named, orNull, shown, text, time } from '../shown.js';

/** What POST /jira-tickets asks for. */
export type TicketBody =
  | { readonly deploymentId: string }
  | {
      readonly summary: string;
      readonly description: string | null;
      readonly type: string | null;
      readonly priority: string | null;
      readonly projectKey: string | null;
    };

const ofDeployment = Joi.object<TicketBody>({ deploymentId: uuid.required() }).required().label('the body').meta({ component: 'TicketOfDeployment' });

const ofItsOwn = Joi.object<TicketBody>({
  summary: line(255).required().example('Renew the certificate of the load balancer'),
  description: prose(20_000).default(null),
  type: line(100).allow(null).default(null).description('An issue type of the project; else `JIRA_ISSUE_TYPE`.').example('Task'),
  priority: line(100).allow(null).default(null).description('A priority by its name in Jira; else Jira chooses.').example('High'),
  projectKey: Joi.string()
    .pattern(/^[A-Z][A-Z0-9_]{0,50}$/)
    .allow(null)
    .default(null)
    .messages({ 'string.pattern.base': '{#label} must be a project key of Jira, in capitals' })
    .description('A project of Jira by its key; else `JIRA_PROJECT_KEY`.')
    .example('OPS'),
})
  .required()
  .label('the body')
  .meta({ component: 'TicketOfItsOwn' });

/** The body of POST /jira-tickets: for a deployment, or of its own. */
export const ticketBody: Joi.Schema<TicketBody> = Joi.alternatives<TicketBody>().try(ofDeployment, ofItsOwn).required();

/** Reads it by what it is meant to be, so that mistakes are told with their place. */
export function readTicketBody(request: Request): TicketBody {
  const body: unknown = request.body;
  const meant = typeof body === 'object' && body !== null && Object.hasOwn(body, 'deploymentId') ? ofDeployment : ofItsOwn;
  return validBody(meant, request);
}

export interface TicketsQuery {
  readonly deployment?: string;
  readonly project?: string;
  readonly status?: string;
  readonly phase?: Phase;
  readonly key?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly limit: number;
  readonly cursor?: string;
}

const inCapitals = (key: string): string => key.toUpperCase();

/** The query of GET /jira-tickets. */
export const ticketsQuery: Joi.ObjectSchema<TicketsQuery> = Joi.object<TicketsQuery>({
  deployment: uuid.messages({ 'string.base': '{#label} must be given once' }).description('The id of its deployment.'),
  project: parameter(200).description('The project of its deployment.'),
  status: parameter(255).description('As Jira names it; `deleted` where it was deleted there.'),
  phase: parameter(20).valid(...PHASES).description('How far Dep Tracker is with it.'),
  key: parameter(64).custom(inCapitals).meta({ openapi: {} }).description('Such as OPS-12.'),
  from: moment.description('Owed since then or later.'),
  to: moment.custom(afterFrom).description('Owed before; later than `from`.'),
  limit: count(1, 200).default(50),
  cursor: parameter(500).description('`nextCursor` of the page before, with the same filters.'),
});

/** A ticket as `presentTicket` shows it. */
export const ticket: Joi.ObjectSchema = named('JiraTicket', shown({
  id: id.description('Its own, known before Jira has it; `dep-<id>` is the label of a ticket without a deployment.'),
  deploymentId: orNull(id),
  key: orNull(text).description('Null until it stands in Jira.').example('OPS-12'),
  url: orNull(text),
  summary: orNull(text).description('As asked for or last seen.'),
  description: orNull(text).description('As asked for; null for the ticket of a deployment, whose description is made of it.'),
  type: orNull(text).description('As asked for.'),
  projectKey: orNull(text).description('As asked for.'),
  status: orNull(text).description('As last seen; null until then; `deleted` where somebody has deleted it in Jira.').example('In Progress'),
  statusCategory: orNull(text).description('`new`, `indeterminate` or `done`.'),
  assignee: orNull(shown({ accountId: text, displayName: text })),
  priority: orNull(text).example('High'),
  resolution: orNull(text),
  phase: Joi.string()
    .valid(...PHASES)
    .description('`sent` stands; `unknown` is looked for, because the answer was lost; `held` and `dead` wait for a person.'),
  lastError: orNull(text).description('Why it does not go on.'),
  requestedBy: orNull(text).description('The `X-Actor` who asked for it here.'),
  deletedAt: orNull(time),
  createdAt: time.description('Since when it is owed.'),
  updatedAt: time,
}));
