import { archiveEnvironment, createEnvironment, idempotently, noEnvironment, updateEnvironment } from '@deptracker/application';
import { type DefaultPolicy, DomainError, type Environment } from '@deptracker/domain';
import { type EnvironmentPosition, findEnvironment, listEnvironments } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { requestIdOf } from '../../http/arrival.js';
import { sendTagged } from '../../http/send-tagged.js';
import { tellCreated } from '../../http/tell-created.js';
import { archivedFilter } from '../archived.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentEnvironment } from './present.js';
import { type CreateBody, type ListQuery, MOST_RANK, type UpdateBody, environmentName } from './schema.js';

interface Named {
  readonly params: { readonly name: string };
}

interface Creation {
  readonly headers: { readonly key: string | null; readonly actor: string | null };
  readonly body: CreateBody;
}

interface Change extends Named {
  readonly headers: { readonly expectedRevision: number | null; readonly actor: string | null };
}

/** POST /environments */
export async function create(options: RouteOptions, { headers, body, request, response }: Call<Creation>): Promise<void> {
  const { database, known, idempotencyTtlSeconds: ttlSeconds } = options;
  const { policy: defaults } = await options.defaults();
  const { name, ...fields } = body;
  const context = { actor: headers.actor, requestId: requestIdOf(response), defaults };
  const answer = await idempotently(database, { operation: 'createEnvironment', key: headers.key, body, ttlSeconds }, async (uow) => ({
    status: 201,
    body: presentEnvironment(await createEnvironment(uow, name, fields, context), defaults),
  }));
  known.environments.forget(name);
  tellCreated(request, response, `/environments/${encodeURIComponent(name)}`, answer);
  sendTagged(request, response, answer.body);
}

/** A position that can be; a cursor may come from anybody. */
function asPosition([rank, name]: readonly unknown[]): EnvironmentPosition | null {
  if (typeof rank !== 'number' || !Number.isInteger(rank) || Math.abs(rank) > MOST_RANK) return null;
  return typeof name === 'string' && environmentName.validate(name).error === undefined ? { rank, name } : null;
}

/** GET /environments */
export async function list(options: RouteOptions, { query, response }: Call<{ query: ListQuery }>): Promise<void> {
  const { limit, cursor, archived, production, ...filter } = query;
  const after = decodeCursor(cursor, asPosition);
  const asked = { ...filter, ...archivedFilter(archived), ...(production === undefined ? {} : { production: production === 'true' }) };
  const { policy } = await options.defaults();
  const { environments, next } = await listEnvironments(options.database, asked, { after, limit });
  response.json({
    data: environments.map((one) => presentEnvironment(one, policy)),
    nextCursor: encodeCursor(next === null ? null : [next.rank, next.name]),
  });
}

/** GET /environments/:name */
export async function get(options: RouteOptions, { params: { name }, request, response }: Call<Named>): Promise<void> {
  const [environment, { policy }] = await Promise.all([findEnvironment(options.database, name), options.defaults()]);
  if (environment === null) throw noEnvironment(name);
  sendTagged(request, response, presentEnvironment(environment, policy));
}

type Changing = (defaults: DefaultPolicy) => Promise<Environment>;

async function changed(options: RouteOptions, { params, request, response }: Call<Named>, change: Changing): Promise<void> {
  // Read before the change: after it nothing may fail, or the caller would not learn that it was made.
  const { policy } = await options.defaults();
  const environment = await change(policy);
  options.known.environments.forget(params.name);
  sendTagged(request, response, presentEnvironment(environment, policy));
}

/** PUT /environments/:name */
export function update(options: RouteOptions, call: Call<Change & { readonly body: UpdateBody }>): Promise<void> {
  const { params, headers, body, response } = call;
  const { name, ...edit } = body;
  if (name !== undefined && name !== params.name) {
    throw new DomainError({ code: 'immutable', fields: ['name'] }, 'The name of an environment never changes.');
  }
  const requestId = requestIdOf(response);
  return changed(options, call, (defaults) => updateEnvironment(options.database, params.name, edit, { ...headers, requestId, defaults }));
}

/** POST /environments/:name/archive and /restore */
export function archive(archived: boolean) {
  return (options: RouteOptions, call: Call<Change>): Promise<void> => {
    const { params, headers, response } = call;
    const requestId = requestIdOf(response);
    return changed(options, call, (defaults) => archiveEnvironment(options.database, params.name, archived, { ...headers, requestId, defaults }));
  };
}
