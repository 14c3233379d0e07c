import { listSlackMessages } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import type { Call } from '../operation.js';
import { asPosition } from '../position.js';
import type { RouteOptions } from '../route-options.js';
import { presentSlackMessage } from './present.js';
import type { SlackMessagesQuery } from './schema.js';

/** GET /slack-messages */
export async function list({ reader }: RouteOptions, { query, response }: Call<{ query: SlackMessagesQuery }>): Promise<void> {
  const { limit, cursor, ...filter } = query;
  const { messages, next } = await listSlackMessages(reader, filter, { after: decodeCursor(cursor, asPosition), limit });
  response.json({
    data: messages.map(presentSlackMessage),
    nextCursor: encodeCursor(next === null ? null : [next.createdAt, next.id]),
  });
}
