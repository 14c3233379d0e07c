import type { NextFunction, Request } from 'express';

const PLAIN_TYPES: ReadonlySet<string | undefined> = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']);

const BYTE_ORDER_MARK = '\uFEFF';

/** A body as nearly every caller sends it: JSON in UTF-8, not packed, of a length that is told and allowed. */
export function isPlainJson({ headers }: Request, limit: number): boolean {
  const length = Number(headers['content-length'] ?? Number.NaN);
  return PLAIN_TYPES.has(headers['content-type']) && headers['content-encoding'] === undefined && length > 0 && length <= limit;
}

function parsed(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch (error) {
    throw Object.assign(error as SyntaxError, { status: 400, type: 'entity.parse.failed', body });
  }
}

/**
 * Reads such a body as Express's parser does, with the same errors, without what that does for all other bodies. Node
 * gives the bytes that the Content-Length tells, or an error.
 */
export function readPlainJson(request: Request, next: NextFunction): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('error', (error) => next(Object.assign(error, { status: 400, type: 'request.aborted' })));
  request.once('end', () => {
    try {
      const [first] = chunks;
      request.body = parsed(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
      // The listeners live as long as the request, which may wait for its batch.
      chunks.length = 0;
    } catch (error) {
      next(error);
      return;
    }
    next();
  });
}
