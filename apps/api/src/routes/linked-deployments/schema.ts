import Joi from 'joi';
import type { LinkedRequest } from '@deptracker/domain';
import { email, line, links, metadata, prose } from '../fields.js';

interface LinkedBody extends Omit<LinkedRequest, 'description'> {
  readonly reason: string | null;
}

export interface RollbackBody extends LinkedBody {
  readonly version: string | null;
}

export interface PromotionBody extends LinkedBody {
  readonly environment: string;
}

const SAID_ANEW = {
  requestedBy: email.allow(null).default(null).description('Who asks may not approve, unless the policy says so.'),
  reason: prose(4000).default(null).description('Becomes the description of the new deployment.'),
  source: line(200).allow(null).default(null),
  externalId: line(200).allow(null).default(null),
  links: links.default([]),
  metadata: metadata.default({}),
} as const;

/** The body of POST /deployments/:id/rollback. */
export const rollbackBody: Joi.ObjectSchema<RollbackBody> = Joi.object<RollbackBody>({
  version: line(200).allow(null).default(null).description('To go back to; the one that succeeded last before where it is not given.'),
  ...SAID_ANEW,
})
  .required()
  .label('the body')
  .meta({ component: 'NewRollback' });

/** The body of POST /deployments/:id/promote. */
export const promotionBody: Joi.ObjectSchema<PromotionBody> = Joi.object<PromotionBody>({
  environment: line(200).required().description('Another one than that of the deployment.'),
  ...SAID_ANEW,
})
  .required()
  .label('the body')
  .meta({ component: 'NewPromotion' });

/** What the body says of the new deployment, beyond where it goes and what it brings. */
export function askedOf({ reason, requestedBy, source, externalId, links, metadata }: LinkedBody): LinkedRequest {
  return { description: reason || null, requestedBy, source, externalId, links, metadata };
}
