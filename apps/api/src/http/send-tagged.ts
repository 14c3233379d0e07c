import type { Request, Response } from 'express';
import { entityTag, isKnown } from './entity-tag.js';
import { sendJson } from './send-json.js';

/** Answers with one thing that has a revision and its tag, or 304 to a reader who has it. */
export function sendTagged(request: Request, response: Response, shown: { readonly revision: number }): void {
  const body = JSON.stringify(shown);
  const tag = entityTag(shown.revision, body);
  response.setHeader('ETag', tag);
  response.setHeader('Cache-Control', 'private, no-cache');
  if (isKnown(request, tag)) response.status(304).end();
  else sendJson(request, response, body);
}
