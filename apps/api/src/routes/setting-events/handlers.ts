import { listSettingEvents } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import type { Call } from '../operation.js';
import { asPosition } from '../position.js';
import type { RouteOptions } from '../route-options.js';
import { presentSettingEvent } from './present.js';
import type { SettingEventsQuery } from './schema.js';

/** GET /events */
export async function list({ reader }: RouteOptions, { query, response }: Call<{ query: SettingEventsQuery }>): Promise<void> {
  const { limit, cursor, ...filter } = query;
  const { events, next } = await listSettingEvents(reader, filter, { after: decodeCursor(cursor, asPosition), limit });
  response.json({ data: events.map(presentSettingEvent), nextCursor: encodeCursor(next === null ? null : [next.createdAt, next.id]) });
}
