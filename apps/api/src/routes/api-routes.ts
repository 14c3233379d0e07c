import { type RequestHandler, Router } from 'express';
import { approvalRoutes } from './approval/routes.js';
import { singleParameters } from '../http/single-parameters.js';
import { deploymentRoutes } from './deployments/routes.js';
import { eventRoutes } from './events/routes.js';
import type { RouteOptions } from './route-options.js';

/** The table of routes: one line per resource. */
const ROUTES = [deploymentRoutes, eventRoutes, approvalRoutes];

/** Where the API stands; the one with a version stays when another version comes. */
export const API_MOUNTS = ['/api/v1', '/api'] as const;

const notStored: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** All resources, to be mounted at each of `API_MOUNTS`. */
export function apiRoutes(options: RouteOptions): Router {
  const router = Router();
  router.use(notStored, singleParameters);
  for (const routes of ROUTES) router.use(routes(options));
  return router;
}
