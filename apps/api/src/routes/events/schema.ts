import Joi from 'joi';
import { count, parameter } from '../fields.js';

export interface EventsQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /deployments/:id/events. */
export const eventsQuery: Joi.ObjectSchema<EventsQuery> = Joi.object<EventsQuery>({
  limit: count(1, 200).default(50),
  cursor: parameter(100),
});
