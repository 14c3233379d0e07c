import { hash } from 'node:crypto';
import type { Request } from 'express';
import { invalidRequest } from './http-refusal.js';

const digest = (body: string): string => hash('sha1', body, 'base64url').slice(0, 12);

/**
 * The tag of a deployment as it is shown: its revision, and a digest of the whole, because a ticket's key or a message
 * changes what is shown without a new revision.
 */
export function entityTag(revision: number, body: string): string {
  return `"${revision}-${digest(body)}"`;
}

/** The tag of what has no revision: a digest of the whole. */
export function digestTag(body: string): string {
  return `"${digest(body)}"`;
}

const TAG = /^(?:W\/)?"(\d{1,9})(?:-[\w-]{12})?"$/;

/** Never a revision: what a tag that is none of ours compares with. */
const NO_REVISION = -1;

/**
 * The revision that If-Match asks for; null where it asks for none (`*` is any). Only the revision in the tag counts,
 * since nobody writes tickets and messages from here. A weak tag counts too: proxies that compress make tags weak.
 */
export function expectedRevision(request: Request): number | null {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return null;
  if (header.includes(',')) {
    throw invalidRequest([{ header: 'If-Match', message: 'If-Match must be one tag' }]);
  }
  const tag = TAG.exec(header.trim());
  return tag === null ? NO_REVISION : Number(tag[1]);
}

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

/**
 * True where If-None-Match has this tag (RFC 9110, 13.1.2; compared weakly). Express would not look once Cache-Control
 * is no-cache, which every fetch adds that is given an If-None-Match.
 */
export function isKnown(request: Request, tag: string): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined || !['GET', 'HEAD'].includes(request.method)) return false;
  return header.trim() === '*' || header.split(',').some((one) => opaque(one) === tag);
}
