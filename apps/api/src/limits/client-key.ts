import { isIP } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Request } from 'express';
import type { Logger } from '@deptracker/runtime';

/** Whoever has an IPv6 address has a whole /64 of them. */
const IPV6_SUBNET = 64;

/** Some proxies add the client's port. */
const PORT = /^(?:\[(.+)\]|([^:]+))(?::\d+)?$/;

/** The client's address; the socket's where a proxy forwards something that is none. */
function addressOf(request: Request): string {
  const given = request.ip ?? '';
  if (isIP(given) !== 0) return given;
  const [, inBrackets, bare] = PORT.exec(given) ?? [];
  const address = inBrackets ?? bare ?? '';
  return isIP(address) === 0 ? (request.socket.remoteAddress ?? 'unknown') : address;
}

/**
 * What tells clients apart: the IPv4 address, or the /64 of the IPv6 address. Says once where it looks as if all of
 * them came through a proxy that is not configured.
 */
export function clientKeys(logger: Logger, trustProxyHops: number): (request: Request) => string {
  let told = trustProxyHops > 0;
  return (request) => {
    if (!told && request.headers['x-forwarded-for'] !== undefined) {
      told = true;
      logger.warn('a request carries X-Forwarded-For, which counts for nothing while TRUST_PROXY_HOPS is 0: behind a proxy all callers would share one limit');
    }
    return ipKeyGenerator(addressOf(request), IPV6_SUBNET);
  };
}
