import { items } from './items.js';
import { type PresentOptions, type Variable, WrongPart, parsed, variable } from './variable.js';

/** The limit of one route for one client. */
export interface RouteLimit {
  readonly method: string;
  /** With `:name` for a parameter, as the API describes it; without the version. */
  readonly path: string;
  readonly perMinute: number;
}

const HIGHEST = 1_000_000;
const RULE = /^(GET|POST|PUT|PATCH|DELETE) (\/api(?:\/:?[A-Za-z0-9._~-]+)+)\/? ?= ?(\d{1,7})$/;

function routeLimit(rule: string): RouteLimit {
  const [, method = '', path = '', digits = ''] = RULE.exec(rule.replaceAll(/\s+/g, ' ')) ?? [];
  const perMinute = Number(digits);
  if (method === '' || perMinute < 1 || perMinute > HIGHEST) throw new WrongPart(rule);
  return { method, path: path.replace(/^\/api\/v1\//, '/api/'), perMinute };
}

/** Rules such as `POST /api/deployments=600` between commas; the default may be '' for none. */
export function routeLimits(options: PresentOptions): Variable<readonly RouteLimit[]> {
  const parse = (line: string): readonly RouteLimit[] => {
    const seen = new Set<string>();
    return items(line).map((rule) => {
      const limit = routeLimit(rule);
      const route = `${limit.method} ${limit.path.replaceAll(/:[^/]+/g, ':')}`;
      if (seen.has(route)) throw new WrongPart(rule);
      seen.add(route);
      return limit;
    });
  };
  return variable(options, {
    schema: parsed(parse).empty('').default([]),
    expects: `rules METHOD /api/path=number between commas, each route once, the number from 1 to ${HIGHEST}`,
  });
}

/** Web origins between commas, as a browser sends them; the default may be '' for none. */
export function origins(options: PresentOptions): Variable<readonly string[]> {
  const origin = (text: string): string => {
    const { protocol, origin: exact } = URL.canParse(text) ? new URL(text) : { protocol: '', origin: '' };
    if (!['http:', 'https:'].includes(protocol) || exact !== text.toLowerCase()) throw new WrongPart(text);
    return exact;
  };
  return variable(options, {
    schema: parsed((line) => items(line).map(origin)).empty('').default([]),
    expects: 'a list of origins between commas, each http:// or https:// with a host and without a path or the default port',
  });
}
