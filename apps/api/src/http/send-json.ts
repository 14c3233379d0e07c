import type { Request, Response } from 'express';

/**
 * Sends text that is JSON already, with the status and headers that are set. Express's `send` parses the content type that
 * it has just set, and makes a buffer of the text, so that head and body go in two pieces.
 */
export function sendJson(request: Request, response: Response, text: string | Buffer): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  if (request.method === 'HEAD') response.end();
  else response.end(text, 'utf8');
}
