import express, { type Request, type RequestHandler } from 'express';
import { HttpRefusal } from './http-refusal.js';
import { isPlainJson, readPlainJson } from './plain-body.js';

/** What body-parser's errors carry (https://github.com/expressjs/body-parser#errors). */
interface BodyError extends Error {
  readonly type?: string;
  readonly status: number;
  readonly limit?: number;
  readonly body?: string;
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || !['0', undefined].includes(headers['content-length']);

function assertJson(request: Request): void {
  if (!hasBody(request)) throw new HttpRefusal('invalid-request', 'A JSON body is required.');
  const type = request.headers['content-type'];
  if (request.is('application/json') === false) {
    const found = type === undefined ? 'the request names none' : `not ${JSON.stringify(type.slice(0, 100))}`;
    throw new HttpRefusal('unsupported-media-type', `Content-Type must be application/json; ${found}.`, {
      headers: { Accept: 'application/json' },
    });
  }
}

/** Reads a JSON body of at most `limit` bytes; any other body is refused. What stands in it is not checked here. */
export function jsonBody(limit: number): RequestHandler {
  const parse = express.json({ limit, strict: false });
  return (request, response, next) => {
    if (isPlainJson(request, limit)) {
      readPlainJson(request, next);
      return;
    }
    assertJson(request);
    parse(request, response, next);
  };
}

/** Line and column of an offset, both from 1. */
function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** V8 says where in one of two forms: an offset, or the wrong character with what stands around it. */
function jsonMistake(error: BodyError): string {
  const offset = / in JSON at position (\d+)/.exec(error.message);
  if (offset === null || error.body === undefined) return `${error.message}.`;
  const what = error.message.slice(0, offset.index);
  return `${what} at ${placeOf(error.body, Number(offset[1]))}.`;
}

const isRefused = (error: unknown): error is BodyError =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500;

/** What Express and its body parser refuse, in our words; null for any other error. */
export function bodyRefusal(error: unknown): HttpRefusal | null {
  if (!isRefused(error)) return null;
  switch (error.type) {
    case 'entity.parse.failed':
      return new HttpRefusal('malformed-json', jsonMistake(error));
    case 'entity.too.large':
      return new HttpRefusal('body-too-large', `The body may have ${error.limit ?? 'fewer'} bytes at most.`);
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new HttpRefusal('unsupported-media-type', `The body cannot be read: ${error.message}.`);
    case 'request.aborted':
    case 'request.size.invalid':
      return new HttpRefusal('invalid-request', 'The body ended before or after its Content-Length.');
    default:
      return new HttpRefusal('invalid-request', 'The request cannot be read.');
  }
}
