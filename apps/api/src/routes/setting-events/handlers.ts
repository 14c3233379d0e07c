import { type SettingEventPosition, listSettingEvents } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { isInstant } from '../../http/instant.js';
import { asUuid } from '../fields.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentSettingEvent } from './present.js';
import type { SettingEventsQuery } from './schema.js';

/** A position that the database will understand; a cursor may come from anybody. */
function asPosition([at, id]: readonly unknown[]): SettingEventPosition | null {
  return isInstant(at) && typeof id === 'string' && asUuid(id) !== null ? { at, id } : null;
}

/** GET /events */
export async function list({ database }: RouteOptions, { query, response }: Call<{ query: SettingEventsQuery }>): Promise<void> {
  const { limit, cursor, ...filter } = query;
  const { events, next } = await listSettingEvents(database, filter, { after: decodeCursor(cursor, asPosition), limit });
  response.json({ data: events.map(presentSettingEvent), nextCursor: encodeCursor(next === null ? null : [next.at, next.id]) });
}
