import Joi from 'joi';
import { expectedRevision } from '../http/entity-tag.js';
import { invalidRequest } from '../http/http-refusal.js';
import { email } from './fields.js';
import type { RequestHeader } from './operation.js';

/** 1 to 200 printable characters; HTTP takes blanks around them away. */
const PRINTABLE = /^[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?$/;

/** The caller's Idempotency-Key; null where there is none. */
export const idempotencyKey: RequestHeader<string | null> = {
  name: 'Idempotency-Key',
  schema: Joi.string().pattern(PRINTABLE),
  description: 'The same key with the same body gets the first answer again; with another body it is refused.',
  problems: ['key-reused'],
  read(request) {
    if (request.headers['idempotency-key'] === undefined) return null;
    const given = request.headersDistinct['idempotency-key'] ?? [];
    const [key = '', ...more] = given;
    if (more.length === 0 && PRINTABLE.test(key)) return key;
    const message = 'Idempotency-Key must be given once, with 1 to 200 printable ASCII characters';
    throw invalidRequest([{ header: 'Idempotency-Key', message }]);
  },
};

/** Who makes the change, as they say themselves; null where it is not said. Nobody proves who they are yet. */
export const actor: RequestHeader<string | null> = {
  name: 'X-Actor',
  schema: email,
  description: 'The e-mail address of whoever makes the change; the history shows it.',
  read(request) {
    const given = request.headersDistinct['x-actor'];
    if (given === undefined) return null;
    const [address = '', ...more] = given;
    const { error, value } = email.validate(address) as { error?: Error; value: string };
    if (more.length === 0 && error === undefined) return value;
    throw invalidRequest([{ header: 'X-Actor', message: 'X-Actor must be given once, with one e-mail address' }]);
  },
};

/** The revision that the caller saw; null where nothing is to be compared. */
export const ifMatch: RequestHeader<number | null> = {
  name: 'If-Match',
  schema: Joi.string().pattern(/^[^,]*$/),
  description: 'The `ETag` of what was seen: a change by somebody else meanwhile refuses this one. Only its revision counts.',
  problems: ['revision-mismatch'],
  read: expectedRevision,
};

/** Looked at where the answer is sent, since only then its tag is known. */
export const ifNoneMatch: RequestHeader<undefined> = {
  name: 'If-None-Match',
  schema: Joi.string(),
  description: 'An `ETag`: the answer is 304 while nothing that is shown has changed.',
  read: () => undefined,
};
