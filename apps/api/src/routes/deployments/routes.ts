import { type Request, type Response, Router } from 'express';
import { updateDeployment } from '@deptracker/application';
import type { DeploymentRequest, Edit } from '@deptracker/domain';
import { type Outside, type Position, findDeployment, findOutside, listDeployments } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { expectedRevision } from '../../http/entity-tag.js';
import { methodNotAllowed } from '../../http/method-not-allowed.js';
import { requestIdOf } from '../../http/request-id.js';
import { validBody, validQuery } from '../../http/validate.js';
import { deploymentId, noDeployment } from '../deployment-id.js';
import { asUuid, noQuery } from '../fields.js';
import type { RouteOptions } from '../route-options.js';
import { idempotencyKey } from './idempotency-key.js';
import { NOTHING_OUTSIDE, presentDeployment, sendDeployment } from './present.js';
import { type UpdateBody, createBody, listQuery, updateBody } from './schema.js';

const MICROSECONDS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d{3}Z$/;

/** A position that the database will understand; a cursor may come from anybody. */
function asPosition([createdAt, id]: readonly unknown[]): Position | null {
  if (typeof createdAt !== 'string' || typeof id !== 'string' || asUuid(id) === null) return null;
  const upToMs = `${MICROSECONDS.exec(createdAt)?.[1] ?? ''}Z`;
  const moment = new Date(upToMs);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === upToMs ? { createdAt, id } : null;
}

async function outsideOf({ database }: RouteOptions, id: string): Promise<Outside> {
  return (await findOutside(database, [id])).get(id) ?? NOTHING_OUTSIDE;
}

async function create(options: RouteOptions, request: Request, response: Response): Promise<void> {
  validQuery(noQuery, request);
  const key = idempotencyKey(request);
  const asked = validBody(createBody, request);
  const { deployment, replayed, effects } = await options.create({
    request: { ...asked, description: asked.description || null },
    idempotencyKey: key,
    requestId: requestIdOf(response),
  });
  options.offers.offer(effects);
  response.status(201).location(`${request.baseUrl}/deployments/${deployment.id}`);
  if (replayed) response.set('Idempotent-Replayed', 'true');
  sendDeployment(request, response, deployment, NOTHING_OUTSIDE);
}

async function list({ database }: RouteOptions, request: Request, response: Response): Promise<void> {
  const { limit, cursor, ...filter } = validQuery(listQuery, request);
  const after = decodeCursor(cursor, asPosition);
  const { deployments, next } = await listDeployments(database, filter, { after, limit });
  const outside = await findOutside(database, deployments.map(({ id }) => id));
  response.json({
    data: deployments.map((one) => presentDeployment(one, outside.get(one.id) ?? NOTHING_OUTSIDE)),
    nextCursor: encodeCursor(next === null ? null : [next.createdAt, next.id]),
  });
}

async function get(options: RouteOptions, request: Request, response: Response): Promise<void> {
  validQuery(noQuery, request);
  const id = deploymentId(request);
  const [deployment, outside] = await Promise.all([findDeployment(options.database, id), outsideOf(options, id)]);
  if (deployment === null) throw noDeployment(id);
  sendDeployment(request, response, deployment, outside);
}

function editOf({ description, links, metadata }: UpdateBody): Edit {
  return {
    ...(description === undefined ? {} : { description: description || null }),
    ...(links === undefined ? {} : { links }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function claimsOf(body: UpdateBody): Partial<DeploymentRequest> {
  const { status: _status, actor: _actor, description: _description, links: _links, metadata: _metadata, ...claims } = body;
  return claims;
}

async function update(options: RouteOptions, request: Request, response: Response): Promise<void> {
  validQuery(noQuery, request);
  const id = deploymentId(request);
  const body = validBody(updateBody, request);
  // Read before the change: after it nothing may fail, or the caller would not learn that it was made.
  const outside = await outsideOf(options, id);
  const { deployment, effects } = await updateDeployment(
    options.change,
    { id, status: body.status ?? null, edit: editOf(body), actor: body.actor ?? null, claims: claimsOf(body) },
    { requestId: requestIdOf(response), expectedRevision: expectedRevision(request) },
  );
  options.offers.offer(effects);
  sendDeployment(request, response, deployment, outside);
}

/** `/deployments` and `/deployments/:id`. */
export function deploymentRoutes(options: RouteOptions): Router {
  const router = Router();
  router
    .route('/deployments')
    .post(...options.jsonBody, (request, response) => create(options, request, response))
    .get((request, response) => list(options, request, response))
    .all(methodNotAllowed('GET', 'POST'));
  router
    .route('/deployments/:id')
    .get((request, response) => get(options, request, response))
    .put(...options.jsonBody, (request, response) => update(options, request, response))
    .all(methodNotAllowed('GET', 'PUT'));
  return router;
}
