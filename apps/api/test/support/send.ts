import type { Documented, Sent } from './contract.js';
import { encoded } from './given.js';
import { type Answer, type TestApi, patiently } from './start-test-api.js';

/** The request that the document shows as an example of an operation. */
export function exampleOf(operation: Documented): Sent {
  const [content] = Object.values(operation.requestBody?.content ?? {});
  const shown = (operation.parameters ?? []).filter(({ example }) => example !== undefined);
  const at = (place: string) => shown.filter((one) => one.in === place).map(({ name, example }) => [name, String(example)] as const);
  return {
    params: Object.fromEntries(at('path')),
    query: at('query'),
    headers: Object.fromEntries(at('header').map(([name, value]) => [name.toLowerCase(), value])),
    ...(content === undefined ? {} : { body: content.example }),
  };
}

/** Sends a request as it is, at one of the API's mounts. A body that is a text is sent as it is, with its content type. */
export function send(api: TestApi, operation: Documented, { params, query, headers, body }: Sent, mount = '/api'): Promise<Answer> {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = query.length === 0 ? '' : `?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()}`;
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  const form = type === 'application/x-www-form-urlencoded';
  return patiently(() =>
    api.call(
      operation.method,
      `${operation.servers === undefined ? mount : ''}${path}${search}`,
      form && body !== undefined ? encoded(body) : body,
      { ...(form ? { 'content-type': type } : {}), ...headers },
    ),
  );
}
