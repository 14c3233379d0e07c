import cors from 'cors';
import type { RequestHandler } from 'express';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const ALLOWED = ['Accept', 'Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'X-Request-Id'];
const EXPOSED = ['ETag', 'Location', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'Idempotent-Replayed', 'X-Request-Id'];

/** How long a browser may remember a preflight's answer; Chromium keeps none for longer than two hours. */
const MAX_AGE_S = 7_200;

/**
 * Lets web pages of these origins use the API, without cookies. Others get the same answers without the headers, so
 * that their browser withholds them; their preflights get the answer of any other OPTIONS.
 */
export function corsFor(origins: readonly string[]): RequestHandler {
  if (origins.length === 0) return (_request, _response, next) => next();
  const listed = new Set(origins);
  const allow = cors({ origin: [...origins], methods: METHODS, allowedHeaders: ALLOWED, exposedHeaders: EXPOSED, maxAge: MAX_AGE_S });
  return (request, response, next) => {
    const { origin, 'access-control-request-method': preflightFor } = request.headers;
    const isPlainOptions = request.method === 'OPTIONS' && preflightFor === undefined;
    if (origin !== undefined && listed.has(origin) && !isPlainOptions) {
      allow(request, response, next);
    } else {
      response.vary('Origin');
      next();
    }
  };
}
