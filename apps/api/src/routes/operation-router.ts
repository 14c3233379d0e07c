import { type RequestHandler, Router } from 'express';
import { methodNotAllowed } from '../http/method-not-allowed.js';
import type { Operation } from './operation.js';
import type { RouteOptions } from './route-options.js';

/** A path with a name where another has a parameter comes first: `/deployments/batch` is no deployment. */
function literalFirst(a: string, b: string): number {
  const key = (path: string): string => path.replaceAll(/:\w+/g, '\uffff');
  return key(a) < key(b) ? -1 : 1;
}

function byPath(operations: readonly Operation[]): [string, Operation[]][] {
  const paths = new Map<string, Operation[]>();
  for (const one of operations) paths.set(one.path, [...(paths.get(one.path) ?? []), one]);
  return [...paths].sort(([a], [b]) => literalFirst(a, b));
}

/** Routes every operation of the table; other methods of its addresses are refused with those that there are. */
export function operationRouter(operations: readonly Operation[], options: RouteOptions): Router {
  const router = Router();
  for (const [path, here] of byPath(operations)) {
    const route = router.route(path);
    for (const { method, body, largeBody, run } of here) {
      const handle: RequestHandler = (request, response) => run(options, request, response);
      const parser = largeBody === true ? options.largeJsonBody : options.jsonBody;
      route[method](...(body === undefined ? [] : [parser]), handle);
    }
    route.all(methodNotAllowed(...here.map(({ method }) => method.toUpperCase()).sort()));
  }
  return router;
}
