import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';

/** Bytes below which an answer goes as it is: it fits a packet, and packing it would cost more than it saves. */
const THRESHOLD = 1_024;

/** The tag that the reader of a packed answer has. */
function weakened(request: Request, response: Response): string | null {
  const tag = response.getHeader('ETag');
  if (typeof tag !== 'string' || tag.startsWith('W/')) return null;
  const weak = `W/${tag}`;
  const packed = response.hasHeader('Content-Encoding');
  return packed || request.headers['if-none-match']?.includes(weak) === true ? weak : null;
}

/**
 * Packs answers for who accepts it. A packed answer is another sequence of bytes, so its tag turns weak (RFC 9110,
 * 8.8.3.3), and so does the tag of the 304 to its reader, whose cache would not know it otherwise (RFC 9111, 4.3.4).
 */
export function compress(): RequestHandler {
  const pack = compression({ threshold: THRESHOLD });
  return (request, response, next) => {
    if (request.headers['accept-encoding'] === undefined) {
      response.vary('Accept-Encoding');
      next();
      return;
    }
    // Set before compression sets its own, so that this one runs after it has decided.
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => Response;
    response.writeHead = ((...args: unknown[]) => {
      const weak = weakened(request, response);
      if (weak !== null) response.setHeader('ETag', weak);
      return writeHead(...args);
    }) as typeof response.writeHead;
    pack(request, response, next);
  };
}
