import { entityTag, isKnown } from '../../http/entity-tag.js';
import { sendJson } from '../../http/send-json.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';

/** GET /openapi.json */
export async function sendDocument(options: RouteOptions, { request, response }: Call): Promise<void> {
  const document = await options.document();
  const tag = entityTag(0, document);
  response.set({ 'ETag': tag, 'Cache-Control': 'no-cache' });
  if (isKnown(request, tag)) response.status(304).end();
  else sendJson(request, response, document);
}
