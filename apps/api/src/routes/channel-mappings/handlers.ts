import { createChannelMapping, deleteChannelMapping, idempotently } from '@deptracker/application';
import { explainChannel } from '@deptracker/domain';
import { findChannelMapping, findProject, listChannelMappings } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { requestIdOf } from '../../http/arrival.js';
import { sendTagged } from '../../http/send-tagged.js';
import { findUnstorable } from '../../http/storable.js';
import { tellCreated } from '../../http/tell-created.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentChannelMapping, presentResolution } from './present.js';
import { type ChannelMappingBody, type ChannelMappingsQuery, type ResolveQuery, noChannelMapping } from './schema.js';

interface Identified {
  readonly params: { readonly id: string };
}

interface Creation {
  readonly headers: { readonly key: string | null; readonly actor: string | null };
  readonly body: ChannelMappingBody;
}

interface Removal extends Identified {
  readonly headers: { readonly expectedRevision: number | null; readonly actor: string | null };
}

/** A position that the database will understand; a cursor may come from anybody. */
function asPair([project, environment]: readonly unknown[]): { project: string; environment: string } | null {
  const storable = (text: unknown): text is string => typeof text === 'string' && text.length <= 200 && findUnstorable(text) === null;
  return storable(project) && storable(environment) ? { project, environment } : null;
}

/** GET /channel-mappings */
export async function list({ database }: RouteOptions, { query, response }: Call<{ query: ChannelMappingsQuery }>): Promise<void> {
  const { limit, cursor, ...filter } = query;
  const { mappings, next } = await listChannelMappings(database, filter, { after: decodeCursor(cursor, asPair), limit });
  response.json({
    data: mappings.map(presentChannelMapping),
    nextCursor: encodeCursor(next === null ? null : [next.project, next.environment]),
  });
}

/** POST /channel-mappings */
export async function create(options: RouteOptions, { headers, body, request, response }: Call<Creation>): Promise<void> {
  const { database, settings, idempotencyTtlSeconds } = options;
  const by = { actor: headers.actor, requestId: requestIdOf(response) };
  const asked = { operation: 'createChannelMapping', key: headers.key, body, ttlSeconds: idempotencyTtlSeconds };
  const answer = await idempotently(database, asked, async (uow) => ({
    status: 201,
    body: presentChannelMapping(await createChannelMapping(uow, body, by)),
  }));
  settings.mappings.forget();
  tellCreated(request, response, `/channel-mappings/${answer.body.id}`, answer);
  sendTagged(request, response, answer.body);
}

/** GET /channel-mappings/:id */
export async function get({ database }: RouteOptions, { params: { id }, request, response }: Call<Identified>): Promise<void> {
  const mapping = await findChannelMapping(database, id);
  if (mapping === null) throw noChannelMapping(id);
  sendTagged(request, response, presentChannelMapping(mapping));
}

/** DELETE /channel-mappings/:id */
export async function remove({ database, settings }: RouteOptions, { params, headers, response }: Call<Removal>): Promise<void> {
  await deleteChannelMapping(database, params.id, { ...headers, requestId: requestIdOf(response) });
  settings.mappings.forget();
  response.status(204).end();
}

/** GET /channel-mappings/resolve */
export async function resolve({ database, settings }: RouteOptions, { query, response }: Call<{ query: ResolveQuery }>): Promise<void> {
  const [mappings, configured, project] = await Promise.all([
    settings.mappings.get(),
    settings.configurations.get(),
    findProject(database, query.project),
  ]);
  const fallback = configured['slack.channel'];
  const candidates = explainChannel({ ...query, mappings, projectDefault: project?.defaultChannelId ?? null, fallback });
  response.json(presentResolution(query, candidates));
}
