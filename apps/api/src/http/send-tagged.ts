import type { Request, Response } from 'express';
import { entityTag, isKnown } from './entity-tag.js';

/** Answers with one thing that has a revision and its tag, or 304 to a reader who has it. */
export function sendTagged(request: Request, response: Response, shown: { readonly revision: number }): void {
  const body = JSON.stringify(shown);
  const tag = entityTag(shown.revision, body);
  response.set({ 'ETag': tag, 'Cache-Control': 'private, no-cache' });
  if (isKnown(request, tag)) response.status(304).end();
  else response.type('application/json').send(body);
}
