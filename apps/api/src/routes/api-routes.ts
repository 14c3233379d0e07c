import { type RequestHandler, Router } from 'express';
import { singleParameters } from '../http/single-parameters.js';
import { approvalOperations } from './approval/operations.js';
import { deploymentBatchOperations } from './deployment-batch/operations.js';
import { deploymentOperations } from './deployments/operations.js';
import { docsOperations } from './docs/operations.js';
import { environmentOperations } from './environments/operations.js';
import { eventOperations } from './events/operations.js';
import { gateOperations } from './gate/operations.js';
import { linkedDeploymentOperations } from './linked-deployments/operations.js';
import type { Description, Operation } from './operation.js';
import { operationRouter } from './operation-router.js';
import { opsDescriptions } from './ops/operations.js';
import { projectOperations } from './projects/operations.js';
import type { RouteOptions } from './route-options.js';
import { slackWebhook } from './slack/operations.js';

/** The table of operations: one line per resource. */
const OPERATIONS: readonly Operation[] = [
  ...deploymentOperations,
  ...deploymentBatchOperations,
  ...linkedDeploymentOperations,
  ...gateOperations,
  ...eventOperations,
  ...approvalOperations,
  ...projectOperations,
  ...environmentOperations,
  ...docsOperations,
];

const notStored: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** What routers of their own answer: one line each. */
const ELSEWHERE: readonly Description[] = [
  slackWebhook,
  ...opsDescriptions,
];

/** Everything that the API's document describes. */
export const DESCRIPTIONS: readonly Description[] = [...OPERATIONS, ...ELSEWHERE];

/** All resources, to be mounted at each of `API_MOUNTS`. */
export function apiRoutes(options: RouteOptions): Router {
  const router = Router();
  router.use(notStored, singleParameters);
  router.use(operationRouter(OPERATIONS, options));
  return router;
}
