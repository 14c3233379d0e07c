import type { RequestHandler } from 'express';
import { HttpRefusal } from './http-refusal.js';

/** Stands last on a route: whatever method is left is answered with those that there are. */
export function methodNotAllowed(...methods: readonly string[]): RequestHandler {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response) => {
    if (request.method !== 'OPTIONS') {
      throw new HttpRefusal('method-not-allowed', `${request.method} is not possible here; ${allow} are.`, {
        headers: { Allow: allow },
      });
    }
    response.set('Allow', allow).status(204).end();
  };
}

/** Stands behind every route. */
export const notFound: RequestHandler = (request) => {
  throw new HttpRefusal('not-found', `There is nothing at ${request.path}.`);
};
