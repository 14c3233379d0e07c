import type { Request } from 'express';
import { invalidRequest } from '../../http/http-refusal.js';

const PRINTABLE = /^[\x20-\x7e]{1,200}$/;

/** The caller's Idempotency-Key; null where there is none. */
export function idempotencyKey(request: Request): string | null {
  const given = request.headersDistinct['idempotency-key'];
  if (given === undefined) return null;
  const [key = '', ...more] = given;
  if (more.length === 0 && PRINTABLE.test(key)) return key;
  const message = 'Idempotency-Key must be given once, with 1 to 200 printable ASCII characters';
  throw invalidRequest([{ header: 'Idempotency-Key', message }]);
}
