import { numbered } from './serials.js';

/** One request; `body` is JSON already. Where it says SERIAL (`serials.ts`), a number is sent that no other request has. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The requests of a load, which are sent round and round. */
export type Requests = readonly LoadRequest[];

/** A request to a host as it goes over the wire. */
export function written({ method, path, headers = {}, body = '' }: LoadRequest, host: string): string {
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** Gives one request after the other as it goes over the wire: all but its number is put into words only once. */
export function inTurn(requests: Requests, host: string): () => string {
  const texts = requests.map((request) => written(request, host));
  const [first] = texts;
  if (first === undefined) throw new Error('A load without requests.');
  let turn = 0;
  return () => numbered(texts[turn++ % texts.length] ?? first);
}
