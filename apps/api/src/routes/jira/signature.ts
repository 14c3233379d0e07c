import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { invalidRequest, HttpRefusal } from '../../http/http-refusal.js';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/**
 * Raises `unauthentic` unless the body is signed with the secret
 * (https://developer.atlassian.com/cloud/jira/platform/webhooks/, "Secure admin webhooks").
 */
export function assertSigned(request: Request, body: Buffer, secret: string): void {
  const [given = '', ...more] = request.headersDistinct['x-hub-signature'] ?? [];
  const [, hex] = more.length === 0 ? (SIGNATURE.exec(given) ?? []) : [];
  if (hex === undefined) throw new HttpRefusal('unauthentic', 'X-Hub-Signature must be given once, as sha256= and 64 hexadecimal digits.');
  const right = createHmac('sha256', secret).update(body).digest();
  if (!timingSafeEqual(Buffer.from(hex, 'hex'), right)) throw new HttpRefusal('unauthentic', 'The signature does not fit the request.');
}

const DELIVERY = /^[\x21-\x7e]{1,200}$/;

/** The name of this delivery, which stays the same when Jira sends it again. */
export function deliveryOf(request: Request): string {
  const [id = '', ...more] = request.headersDistinct['x-atlassian-webhook-identifier'] ?? [];
  if (more.length === 0 && DELIVERY.test(id)) return id;
  const name = 'X-Atlassian-Webhook-Identifier';
  throw invalidRequest([{ header: name, message: `${name} must be given once, with 1 to 200 printable ASCII characters` }]);
}
