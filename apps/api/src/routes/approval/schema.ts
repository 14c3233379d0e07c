import Joi from 'joi';
import type { DecisionKind } from '@deptracker/domain';
import { email, prose } from '../fields.js';

export interface DecisionBody {
  readonly decision: DecisionKind;
  readonly reason: string | null;
  readonly approver: string;
}

/** The body of PUT /deployments/:id/approval. Nobody proves who they are yet, so the approver is named. */
export const decisionBody: Joi.ObjectSchema<DecisionBody> = Joi.object<DecisionBody>({
  decision: Joi.string().valid('approve', 'reject').required(),
  reason: prose(2000).default(null),
  approver: email.required(),
})
  .required()
  .label('the body')
  .meta({ component: 'NewDecision' });
