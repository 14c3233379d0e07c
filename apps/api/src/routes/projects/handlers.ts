import { archiveProject, createProject, idempotently, noProject, updateProject } from '@deptracker/application';
import { DomainError, type Project } from '@deptracker/domain';
import { findProject, listProjects } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { requestIdOf } from '../../http/arrival.js';
import { sendTagged } from '../../http/send-tagged.js';
import { tellCreated } from '../../http/tell-created.js';
import { archivedFilter } from '../archived.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentProject } from './present.js';
import { type CreateBody, type ListQuery, type UpdateBody, projectKey } from './schema.js';

interface Keyed {
  readonly params: { readonly key: string };
}

interface Creation {
  readonly headers: { readonly key: string | null; readonly actor: string | null };
  readonly body: CreateBody;
}

interface Change extends Keyed {
  readonly headers: { readonly expectedRevision: number | null; readonly actor: string | null };
}

/** POST /projects */
export async function create(options: RouteOptions, { headers, body, request, response }: Call<Creation>): Promise<void> {
  const { database, known, idempotencyTtlSeconds: ttlSeconds } = options;
  const { key, name, ...fields } = body;
  const context = { actor: headers.actor, requestId: requestIdOf(response) };
  const answer = await idempotently(database, { operation: 'createProject', key: headers.key, body, ttlSeconds }, async (uow) => ({
    status: 201,
    body: presentProject(await createProject(uow, key, { ...fields, name: name ?? key }, context)),
  }));
  known.projects.forget(key);
  tellCreated(request, response, `/projects/${encodeURIComponent(key)}`, answer);
  sendTagged(request, response, answer.body);
}

/** A key that can be; a cursor may come from anybody. */
function asPosition([key]: readonly unknown[]): string | null {
  return typeof key === 'string' && projectKey.validate(key).error === undefined ? key : null;
}

/** GET /projects */
export async function list({ database }: RouteOptions, { query, response }: Call<{ query: ListQuery }>): Promise<void> {
  const { limit, cursor, archived, ...filter } = query;
  const after = decodeCursor(cursor, asPosition);
  const { projects, next } = await listProjects(database, { ...filter, ...archivedFilter(archived) }, { after, limit });
  response.json({ data: projects.map(presentProject), nextCursor: encodeCursor(next === null ? null : [next]) });
}

/** GET /projects/:key */
export async function get({ database }: RouteOptions, { params: { key }, request, response }: Call<Keyed>): Promise<void> {
  const project = await findProject(database, key);
  if (project === null) throw noProject(key);
  sendTagged(request, response, presentProject(project));
}

async function changed({ known }: RouteOptions, { params, request, response }: Call<Keyed>, change: Promise<Project>): Promise<void> {
  const project = await change;
  known.projects.forget(params.key);
  sendTagged(request, response, presentProject(project));
}

/** PUT /projects/:key */
export function update(options: RouteOptions, call: Call<Change & { readonly body: UpdateBody }>): Promise<void> {
  const { params, headers, body, response } = call;
  const { key, ...edit } = body;
  if (key !== undefined && key !== params.key) {
    throw new DomainError({ code: 'immutable', fields: ['key'] }, 'The key of a project never changes.');
  }
  return changed(options, call, updateProject(options.database, params.key, edit, { ...headers, requestId: requestIdOf(response) }));
}

/** POST /projects/:key/archive and /restore */
export function archive(archived: boolean) {
  return (options: RouteOptions, call: Call<Change>): Promise<void> => {
    const { params, headers, response } = call;
    return changed(options, call, archiveProject(options.database, params.key, archived, { ...headers, requestId: requestIdOf(response) }));
  };
}
