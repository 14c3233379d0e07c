import { type Request, type Response, Router } from 'express';
import { decideDeployment } from '@deptracker/application';
import { findOutside } from '@deptracker/store';
import { expectedRevision } from '../../http/entity-tag.js';
import { methodNotAllowed } from '../../http/method-not-allowed.js';
import { requestIdOf } from '../../http/request-id.js';
import { validBody, validQuery } from '../../http/validate.js';
import { deploymentId } from '../deployment-id.js';
import { NOTHING_OUTSIDE, sendDeployment } from '../deployments/present.js';
import { noQuery } from '../fields.js';
import type { RouteOptions } from '../route-options.js';
import { decisionBody } from './schema.js';

async function decide(options: RouteOptions, request: Request, response: Response): Promise<void> {
  validQuery(noQuery, request);
  const id = deploymentId(request);
  const { decision, reason, approver } = validBody(decisionBody, request);
  // Read before the decision: after it nothing may fail, or the caller would not learn that it counted.
  const outside = (await findOutside(options.database, [id])).get(id) ?? NOTHING_OUTSIDE;
  const { deployment, effects } = await decideDeployment(
    options.change,
    { id, decision, reason: reason || null, actor: approver },
    { requestId: requestIdOf(response), expectedRevision: expectedRevision(request) },
  );
  options.offers.offer(effects);
  sendDeployment(request, response, deployment, outside);
}

/** `/deployments/:id/approval`: one person's decision. */
export function approvalRoutes(options: RouteOptions): Router {
  const router = Router();
  router
    .route('/deployments/:id/approval')
    .put(...options.jsonBody, (request, response) => decide(options, request, response))
    .all(methodNotAllowed('PUT'));
  return router;
}
