import type { ServerOptions } from 'node:http';

/** The variables of `processConfig` that say how a server treats its connections; milliseconds. */
export interface ConnectionVariables {
  readonly KEEP_ALIVE_TIMEOUT: number;
  readonly HEADERS_TIMEOUT: number;
  readonly REQUEST_TIMEOUT: number;
}

/** Those, as `http.createServer` takes them. */
export type ConnectionLimits = Required<Pick<ServerOptions, 'keepAliveTimeout' | 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'>>;

const LOOK_MS = 2_000;

/**
 * How a server of ours treats its connections. An idle one is kept longer than a load balancer keeps it, so that none is
 * closed while a request is on its way into it. Whoever sends slowly gets 408 and is cut: Node counts from the first
 * byte of a request (from the start of a connection that says nothing), so that an idle connection is not concerned, and
 * by itself looks only every 30 s (https://nodejs.org/api/http.html#serverheaderstimeout). How long an answer takes is
 * not limited, and neither is how many requests come over one connection.
 */
export function connectionLimits({ KEEP_ALIVE_TIMEOUT, HEADERS_TIMEOUT, REQUEST_TIMEOUT }: ConnectionVariables): ConnectionLimits {
  return {
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    connectionsCheckingInterval: Math.min(LOOK_MS, HEADERS_TIMEOUT),
  };
}
