import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { stand } from './standing-headers.js';

/** A Content-Security-Policy by directive. */
export type ContentPolicy = Readonly<Record<string, readonly string[]>>;

/** Answers that are data: a browser that shows one loads and runs nothing. */
export const DATA_POLICY: ContentPolicy = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] };

/** Pages with scripts and pictures of our own; their styles may stand inline, as Swagger UI's do. */
export const PAGE_POLICY: ContentPolicy = {
  ...DATA_POLICY,
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
};

/** Runs helmet once, and gives what it would set on every answer. */
function headersOf(policy: ContentPolicy): readonly (readonly [string, string])[] {
  const headers: [string, string][] = [];
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader = (name, value) => {
    headers.push([name, String(value)]);
    return response;
  };
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: Object.fromEntries(Object.entries(policy).map(([name, of]) => [name, [...of]])) },
    // What other hosts of the domain do is not ours to decide.
    strictTransportSecurity: { includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  })(response.req, response, (error?: unknown) => {
    if (error !== undefined) throw error as Error;
  });
  return headers;
}

/** Gives answers helmet's headers, with this policy, as text that stands ready. */
export function standingHeaders(policy: ContentPolicy): RequestHandler {
  const lines = headersOf(policy).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return (_request, response, next) => {
    stand(response, lines);
    next();
  };
}

/** Sets the same as headers, with another policy: for pages that choose some of them by themselves. */
export function securityHeaders(policy: ContentPolicy): RequestHandler {
  const headers = headersOf(policy);
  return (_request, response, next) => {
    stand(response, '');
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}
