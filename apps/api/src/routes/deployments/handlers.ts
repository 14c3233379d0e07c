import { updateDeployment } from '@deptracker/application';
import type { DeploymentRequest, Edit } from '@deptracker/domain';
import { type Reader, findOutside, listDeployments } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { requestIdOf } from '../../http/arrival.js';
import { sendKnown, tagged } from '../../http/send-tagged.js';
import { tellCreated } from '../../http/tell-created.js';
import { noDeployment } from '../deployment-id.js';
import type { Call } from '../operation.js';
import { asPosition } from '../position.js';
import type { RouteOptions } from '../route-options.js';
import { NOTHING_OUTSIDE, presentDeployment, sendDeployment } from './present.js';
import { type CreateBody, type ListQuery, type UpdateBody, requestOf } from './schema.js';

/** The same for each query that asks for the same, in whatever order. */
const questionOf = (query: ListQuery): string => JSON.stringify(Object.entries(query).sort());

interface Identified {
  readonly params: { readonly id: string };
}

interface Creation {
  readonly headers: { readonly key: string | null };
  readonly body: CreateBody;
}

interface Update extends Identified {
  readonly headers: { readonly expectedRevision: number | null };
  readonly body: UpdateBody;
}

/** POST /deployments */
export async function create(options: RouteOptions, { headers, body, request, response }: Call<Creation>): Promise<void> {
  const { deployment, replayed, effects } = await options.create({
    request: requestOf(body),
    idempotencyKey: headers.key,
    requestId: requestIdOf(response),
  });
  options.offers.offer(effects);
  tellCreated(request, response, `/deployments/${deployment.id}`, { replayed });
  sendDeployment(request, response, deployment, NOTHING_OUTSIDE);
}

async function readPage(reader: Reader, { limit, cursor, ...filter }: ListQuery): Promise<string> {
  const after = decodeCursor(cursor, asPosition);
  const database = reader.steady();
  const { deployments, next } = await listDeployments(database, filter, { after, limit });
  const outside = await findOutside(database, deployments.map(({ id }) => id));
  return JSON.stringify({
    data: deployments.map((one) => presentDeployment(one, outside.get(one.id) ?? NOTHING_OUTSIDE)),
    nextCursor: encodeCursor(next === null ? null : [next.createdAt, next.id]),
  });
}

/** GET /deployments */
export async function list({ reader, firstPages }: RouteOptions, { query, request, response }: Call<{ query: ListQuery }>): Promise<void> {
  const read = (): Promise<string> => readPage(reader, query);
  const page = query.cursor === undefined ? await firstPages.get(questionOf(query), read) : tagged(await read());
  sendKnown(request, response, page);
}

/** GET /deployments/:id */
export async function get(options: RouteOptions, { params: { id }, request, response }: Call<Identified>): Promise<void> {
  const shown = await options.shown(id);
  if (shown === null) throw noDeployment(id);
  sendDeployment(request, response, shown.deployment, shown.outside);
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

/** PUT /deployments/:id */
export async function update(options: RouteOptions, { params, headers, body, request, response }: Call<Update>): Promise<void> {
  const { id } = params;
  const { deployment, outside, effects } = await updateDeployment(
    options.change,
    { id, status: body.status ?? null, edit: editOf(body), actor: body.actor ?? null, claims: claimsOf(body) },
    { requestId: requestIdOf(response), expectedRevision: headers.expectedRevision },
  );
  options.offers.offer(effects);
  sendDeployment(request, response, deployment, outside);
}
