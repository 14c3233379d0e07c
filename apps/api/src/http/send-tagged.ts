import type { Request, Response } from 'express';
import { entityTag, isKnown } from './entity-tag.js';

/** Answers with what is shown of something that has a revision, and its tag; or 304 to a reader who has it. */
export function sendTagged(request: Request, response: Response, revision: number, shown: object): void {
  const body = JSON.stringify(shown);
  const tag = entityTag(revision, body);
  response.set({ 'ETag': tag, 'Cache-Control': 'private, no-cache' });
  if (isKnown(request, tag)) response.status(304).end();
  else response.type('application/json').send(body);
}
