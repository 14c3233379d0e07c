import { type RequestHandler, Router } from 'express';
import type { RouteLimit } from '@deptracker/runtime';
import { methodNotAllowed } from '../http/method-not-allowed.js';
import { RouteTable } from '../straight/route-table.js';
import type { Way } from '../straight/straight.js';
import { API_MOUNTS } from './api-mounts.js';
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

function handlersOf({ body, largeBody, run }: Operation, options: RouteOptions): Pick<Way, 'readBody' | 'handle'> {
  const parser = largeBody === true ? options.largeJsonBody : options.jsonBody;
  return { readBody: body === undefined ? null : parser, handle: (request, response) => run(options, request, response) };
}

/** Routes every operation of the table; other methods of its addresses are refused with those that there are. */
export function operationRouter(operations: readonly Operation[], options: RouteOptions): Router {
  const router = Router();
  for (const [path, here] of byPath(operations)) {
    const route = router.route(path);
    for (const one of here) {
      const { readBody, handle } = handlersOf(one, options);
      route[one.method](...(readBody === null ? [] : [readBody]), handle as RequestHandler);
    }
    route.all(methodNotAllowed(...here.map(({ method }) => method.toUpperCase()).sort()));
  }
  return router;
}

/** Whether some address fits both patterns. */
function meet(a: string, b: string): boolean {
  const [parts, others] = [a.split('/'), b.split('/')];
  const fits = (one: string, other = ''): boolean => one === other || one.startsWith(':') || other.startsWith(':');
  return parts.length === others.length && parts.every((one, index) => fits(one, others[index]));
}

/**
 * Every operation at each of the API's mounts. Routes with limits of their own are left out: express-rate-limit stands at
 * them as a router.
 */
export function operationTable(operations: readonly Operation[], options: RouteOptions, limits: readonly RouteLimit[]): RouteTable<Way> {
  const table = new RouteTable<Way>();
  for (const one of operations) {
    const method = one.method.toUpperCase();
    if (limits.some((limit) => limit.method === method && meet(limit.path, one.path))) continue;
    for (const mount of API_MOUNTS) {
      const label = `${mount}${one.path}`;
      table.add(method, label, { ...handlersOf(one, options), mount, route: { path: one.path }, label });
    }
  }
  return table;
}
