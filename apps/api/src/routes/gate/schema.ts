import Joi from 'joi';
import { STATUSES } from '@deptracker/domain';
import { count } from '../fields.js';
import { id, named, orNull, revision, shown, text, time } from '../shown.js';

export interface GateQuery {
  readonly wait: number;
}

const LONGEST_S = 60;

/** The query of GET /deployments/:id/gate. */
export const gateQuery: Joi.ObjectSchema<GateQuery> = Joi.object<GateQuery>({
  wait: count(0, LONGEST_S).default(0).description('Seconds to wait for a decision that has not fallen yet.'),
});

/** The answer as `presentGate` shows it. */
export const gateAnswer: Joi.ObjectSchema = named('Gate', shown({
  deploymentId: id,
  decision: Joi.string().valid('allowed', 'waiting', 'denied').description('Go on, ask again, or stop for good.'),
  reason: text.description('Why, in one line.').example('Approved by bob@example.com: looks good'),
  actor: orNull(text).description('Who decided; null where nobody did.').example('bob@example.com'),
  status: Joi.string()
    .valid(...STATUSES)
    .description('The status that counts: a limit of time that has passed counts before the deployment itself shows it.'),
  revision: revision.description('Of the deployment, as it was looked at.'),
  until: orNull(time).description('When a limit of time changes the decision next.'),
}));
