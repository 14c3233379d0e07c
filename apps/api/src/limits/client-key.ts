import { isIP } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Request } from 'express';
import type { Logger } from '@deptracker/runtime';

/** Whoever has an IPv6 address has a whole /64 of them. */
const IPV6_SUBNET = 64;

/** Some proxies add the client's port. */
const PORT = /^(?:\[(.+)\]|([^:]+))(?::\d+)?$/;

/** What tells clients apart: the IPv4 address, or the /64 of the IPv6 address. */
export type KeyOf = (request: Request) => string;

/** Few enough to be let go all at once. */
const MOST_KEYS = 5_000;

/** A client's address where a proxy forwards something that is none; the socket's where that holds none either. */
function addressWithin(given: string, { socket }: Request): string {
  const [, inBrackets, bare] = PORT.exec(given) ?? [];
  const address = inBrackets ?? bare ?? '';
  return isIP(address) === 0 ? (socket.remoteAddress ?? 'unknown') : address;
}

/**
 * Tells clients apart, and says once where it looks as if all of them came through a proxy that is not configured. What it
 * makes of an address is remembered.
 */
export function clientKeys(logger: Logger, trustProxyHops: number): KeyOf {
  const keys = new Map<string, string>();
  let told = trustProxyHops > 0;
  return (request) => {
    if (!told && request.headers['x-forwarded-for'] !== undefined) {
      told = true;
      logger.warn('a request carries X-Forwarded-For, which counts for nothing while TRUST_PROXY_HOPS is 0: behind a proxy all callers would share one limit');
    }
    // Express would go through the headers of proxies first.
    const given = (trustProxyHops === 0 ? request.socket.remoteAddress : request.ip) ?? '';
    const known = keys.get(given);
    if (known !== undefined) return known;
    if (isIP(given) === 0) return ipKeyGenerator(addressWithin(given, request), IPV6_SUBNET);
    const key = ipKeyGenerator(given, IPV6_SUBNET);
    if (keys.size === MOST_KEYS) keys.clear();
    keys.set(given, key);
    return key;
  };
}
