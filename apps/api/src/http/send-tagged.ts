import type { Request, Response } from 'express';
import { digestTag, entityTag, isKnown } from './entity-tag.js';
import { sendJson } from './send-json.js';

/** An answer as it goes out. */
export interface Tagged {
  /** JSON; as bytes where it goes out many times. */
  readonly body: string | Buffer;
  readonly tag: string;
}

/** An answer that is JSON already, with the tag of what has no revision. */
export function tagged(json: string): Tagged {
  return { body: Buffer.from(json), tag: digestTag(json) };
}

/** Answers with it and its tag, or 304 to a reader who has it. */
export function sendKnown(request: Request, response: Response, { body, tag }: Tagged): void {
  response.setHeader('ETag', tag);
  response.setHeader('Cache-Control', 'private, no-cache');
  if (isKnown(request, tag)) response.status(304).end();
  else sendJson(request, response, body);
}

/** The same for one thing that has a revision. */
export function sendTagged(request: Request, response: Response, shown: { readonly revision: number }): void {
  const body = JSON.stringify(shown);
  sendKnown(request, response, { body, tag: entityTag(shown.revision, body) });
}
