import type { RequestHandler, Router } from 'express';
import type { RouteLimit } from '@deptracker/runtime';
import { singleParameters } from '../http/single-parameters.js';
import type { RouteTable } from '../straight/route-table.js';
import type { Way } from '../straight/straight.js';
import { approvalOperations } from './approval/operations.js';
import { channelMappingOperations } from './channel-mappings/operations.js';
import { configurationOperations } from './configurations/operations.js';
import { deploymentBatchOperations } from './deployment-batch/operations.js';
import { deploymentOperations } from './deployments/operations.js';
import { docsOperations } from './docs/operations.js';
import { environmentOperations } from './environments/operations.js';
import { eventOperations } from './events/operations.js';
import { gateOperations } from './gate/operations.js';
import { jobOperations } from './jobs/operations.js';
import { jiraTicketOperations } from './jira-tickets/operations.js';
import { jiraWebhook } from './jira/operations.js';
import { linkedDeploymentOperations } from './linked-deployments/operations.js';
import type { Description, Operation } from './operation.js';
import { operationRouter, operationTable } from './operation-router.js';
import { opsDescriptions } from './ops/operations.js';
import { projectOperations } from './projects/operations.js';
import type { RouteOptions } from './route-options.js';
import { slackMessageOperations } from './slack-messages/operations.js';
import { settingEventOperations } from './setting-events/operations.js';
import { slackWebhook } from './slack/operations.js';
import { statsOperations } from './stats/operations.js';
import { templateOperations } from './templates/operations.js';

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
  ...slackMessageOperations,
  ...jobOperations,
  ...statsOperations,
  ...jiraTicketOperations,
  ...templateOperations,
  ...configurationOperations,
  ...channelMappingOperations,
  ...settingEventOperations,
  ...docsOperations,
];

const notStored: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** What routers of their own answer: one line each. */
const ELSEWHERE: readonly Description[] = [
  jiraWebhook,
  slackWebhook,
  ...opsDescriptions,
];

/** Everything that the API's document describes. */
export const DESCRIPTIONS: readonly Description[] = [...OPERATIONS, ...ELSEWHERE];

/** What each operation begins with. */
export const API_STEPS: readonly RequestHandler[] = [notStored, singleParameters];

/** All resources, to be mounted at each of `API_MOUNTS`. */
export function apiRoutes(options: RouteOptions): Router {
  return operationRouter(OPERATIONS, options);
}

/** The same as a table, without the routes that have a limit of their own. */
export function apiTable(options: RouteOptions, limits: readonly RouteLimit[]): RouteTable<Way> {
  return operationTable(OPERATIONS, options, limits);
}
