import { entityTag, isKnown } from '../../http/entity-tag.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';

/** GET /openapi.json */
export function sendDocument({ document }: RouteOptions, { request, response }: Call): void {
  const tag = entityTag(0, document);
  response.set({ 'ETag': tag, 'Cache-Control': 'no-cache' });
  if (isKnown(request, tag)) response.status(304).end();
  else response.type('application/json').send(document);
}
