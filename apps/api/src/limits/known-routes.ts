import type { Router } from 'express';
import { ConfigError, type RouteLimit } from '@deptracker/runtime';
import { API_MOUNTS } from '../routes/api-mounts.js';

/** What of a router's insides is looked at here (https://github.com/pillarjs/router). */
interface Layer {
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: unknown;
}

export interface KnownRoute {
  readonly method: string;
  /** Below the API's mount, as its route has it. */
  readonly path: string;
}

const layersOf = (handle: unknown): readonly Layer[] =>
  typeof handle === 'function' && 'stack' in handle && Array.isArray(handle.stack) ? (handle.stack as Layer[]) : [];

/** Some routers know their full addresses. */
function belowMount(path: string): string {
  const mount = API_MOUNTS.find((one) => path.startsWith(`${one}/`)) ?? '';
  return path.slice(mount.length);
}

/** Every method and path that a router and those within it answer; they must not be mounted on paths of their own. */
export function knownRoutes(router: Router): KnownRoute[] {
  return layersOf(router).flatMap(({ route, handle }) => {
    if (route === undefined) return knownRoutes(handle as Router);
    if (typeof route.path !== 'string') return [];
    const path = belowMount(route.path);
    return Object.keys(route.methods)
      .filter((method) => !method.startsWith('_'))
      .map((method) => ({ method: method.toUpperCase(), path }));
  });
}

const named = ({ method, path }: KnownRoute): string => `${method} ${path.replaceAll(/:\w+/g, ':')}`;

/** The rules with paths below the API's mount; a rule for no route is a `ConfigError`, since it would limit nothing. */
export function checkedRules(rules: readonly RouteLimit[], routers: readonly Router[]): RouteLimit[] {
  const known = routers.flatMap(knownRoutes);
  const names = new Set(known.map(named));
  const below = rules.map((rule) => ({ ...rule, path: belowMount(rule.path) }));
  const mistakes = below
    .filter((rule) => !names.has(named(rule)))
    .map(({ method, path }) => {
      const methods = [...new Set(known.filter((one) => named({ ...one, method }) === named({ method, path })).map((one) => one.method))];
      const instead = methods.length === 0 ? 'there is nothing at this path' : `this path takes ${methods.join(', ')}`;
      return `RATE_LIMIT_ROUTES names ${method} /api${path}, which is no route of the API: ${instead}.`;
    });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return below;
}
