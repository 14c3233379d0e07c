import Joi from 'joi';
import { EVENT_TYPES, STATUSES } from '@deptracker/domain';
import { SHOWN_REQUEST } from '../deployments/schema.js';
import { count, parameter } from '../fields.js';
import { id, named, orNull, revision, shown, text, time } from '../shown.js';

export interface EventsQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /deployments/:id/events. */
export const eventsQuery: Joi.ObjectSchema<EventsQuery> = Joi.object<EventsQuery>({
  limit: count(1, 200).default(50),
  cursor: parameter(100),
});

const STATUS = Joi.string().valid(...STATUSES).optional();

/** Each type of event has some of these. */
const DATA = shown({
  request: named('DeploymentRequest', shown(SHOWN_REQUEST)).optional(),
  from: STATUS,
  to: STATUS,
  decision: Joi.string().valid('approve', 'reject').optional(),
  reason: orNull(text).optional(),
  remaining: Joi.number().integer().min(0).optional().description('Approvals still missing.'),
  edit: Joi.object({
    description: orNull(text),
    links: SHOWN_REQUEST.links,
    metadata: SHOWN_REQUEST.metadata,
  }).prefs({ presence: 'optional' }).optional(),
  rolledBackBy: id.optional().description('The deployment that went back from this one.'),
  note: text.optional(),
});

/** An event as `presentEvent` shows it. */
export const event: Joi.ObjectSchema = named('Event', shown({
  id,
  type: Joi.string().valid(...EVENT_TYPES),
  revision: revision.description('The revision of the deployment that it made.'),
  actor: orNull(text).description('Null where nobody was named, and for limits of time.').example('alice@example.com'),
  data: DATA,
  at: time,
}));
