import { findDeployment, listEvents } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { noDeployment } from '../deployment-id.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentEvent } from './present.js';
import type { EventsQuery } from './schema.js';

const HIGHEST = 2_147_483_647;

function asRevision([revision]: readonly unknown[]): number | null {
  return Number.isInteger(revision) && Number(revision) >= 0 && Number(revision) <= HIGHEST ? Number(revision) : null;
}

interface Page {
  readonly params: { readonly id: string };
  readonly query: EventsQuery;
}

/** GET /deployments/:id/events */
export async function list({ database }: RouteOptions, { params, query, response }: Call<Page>): Promise<void> {
  const { id } = params;
  const { limit, cursor } = query;
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
