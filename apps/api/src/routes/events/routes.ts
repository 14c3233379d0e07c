import { type Request, type Response, Router } from 'express';
import { findDeployment, listEvents } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { methodNotAllowed } from '../../http/method-not-allowed.js';
import { validQuery } from '../../http/validate.js';
import { deploymentId, noDeployment } from '../deployment-id.js';
import type { RouteOptions } from '../route-options.js';
import { presentEvent } from './present.js';
import { eventsQuery } from './schema.js';

const HIGHEST = 2_147_483_647;

function asRevision([revision]: readonly unknown[]): number | null {
  return Number.isInteger(revision) && Number(revision) >= 0 && Number(revision) <= HIGHEST ? Number(revision) : null;
}

async function list({ database }: RouteOptions, request: Request, response: Response): Promise<void> {
  const id = deploymentId(request);
  const { limit, cursor } = validQuery(eventsQuery, request);
  const after = decodeCursor(cursor, asRevision) ?? 0;
  const found = await listEvents(database, id, { after, limit: limit + 1 });
  // Every deployment has an event, so only an empty page leaves open whether there is one.
  if (found.length === 0 && (await findDeployment(database, id)) === null) throw noDeployment(id);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  response.json({
    data: shown.map(presentEvent),
    nextCursor: encodeCursor(found.length > limit && last !== undefined ? [last.revision] : null),
  });
}

/** `/deployments/:id/events`: what happened to a deployment, oldest first. */
export function eventRoutes(options: RouteOptions): Router {
  const router = Router();
  router
    .route('/deployments/:id/events')
    .get((request, response) => list(options, request, response))
    .all(methodNotAllowed('GET'));
  return router;
}
