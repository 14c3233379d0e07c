import { createHash } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Taken, TokenBuckets } from '@deptracker/resilience';
import { SHORTEST_WAIT_MS } from './bucket-store.js';
import type { KeyOf } from './client-key.js';

export interface StraightLimitOptions {
  readonly name: string;
  readonly perMinute: number;
  readonly buckets: TokenBuckets;
  readonly keyOf: KeyOf;
  /** Counts a refusal and gives it; `Retry-After` is set by then. */
  readonly refuse: (response: Response) => Error;
}

interface Client {
  readonly bucket: string;
  /** What RateLimit-Policy says to this client. */
  readonly policy: string;
}

/** Few enough to be let go all at once. */
const MOST_CLIENTS = 5_000;

/** As express-rate-limit tells a client which of its quotas is meant, without telling others who it is. */
function partitionOf(key: string): string {
  return Buffer.from(createHash('sha256').update(key).digest('hex').slice(0, 12)).toString('base64');
}

/**
 * The limit on a client's requests as express-rate-limit holds it, with the same buckets and headers ("draft-8"), for
 * requests that go straight: without its chain of promises, and with what it makes of an address remembered.
 */
export function straightLimit({ name, perMinute, buckets, keyOf, refuse }: StraightLimitOptions): RequestHandler {
  const clients = new Map<string, Client>();

  function clientOf(key: string): Client {
    const known = clients.get(key);
    if (known !== undefined) return known;
    const client = { bucket: `${name}:${key}`, policy: `"${name}"; q=${perMinute}; w=60; pk=:${partitionOf(key)}:` };
    if (clients.size === MOST_CLIENTS) clients.clear();
    clients.set(key, client);
    return client;
  }

  /** Seconds until the bucket is full again or, for who is refused, until the next token comes. */
  function tell(response: Response, { policy }: Client, { granted, left, nextMs, fullMs }: Taken): number {
    const seconds = Math.ceil((granted ? fullMs : Math.max(SHORTEST_WAIT_MS, nextMs)) / 1_000);
    response.setHeader('RateLimit', `"${name}"; r=${granted ? left : 0}; t=${seconds}`);
    response.setHeader('RateLimit-Policy', policy);
    return seconds;
  }

  return (request, response, next) => {
    const client = clientOf(keyOf(request));
    buckets.take(client.bucket, perMinute).then((taken) => {
      const seconds = tell(response, client, taken);
      if (taken.granted) {
        next();
        return;
      }
      response.setHeader('Retry-After', String(seconds));
      next(refuse(response));
    }, next);
  };
}
