import { Redis } from 'ioredis';

/** The end of every command. Who waits for one gives up sooner by itself, as the rate gate does. */
const COMMAND_TIMEOUT_MS = 500;

/**
 * A Redis connection that never makes anybody wait: while it is away commands fail at once, and none is repeated
 * after a reconnect. It reconnects by itself for ever, also away from a node that became read-only in a failover and
 * from a peer that fell silent. `onError` is told once per outage, with an error that holds no password.
 */
export function createRedis(url: string, onError: (error: Error) => void): Redis {
  let told = false;
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    socketTimeout: 5_000,
    reconnectOnError: (error) => error.message.includes('READONLY'),
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 5), 2_000),
  });
  redis.on('ready', () => {
    told = false;
  });
  redis.on('error', (error: Error) => {
    if (told) return;
    told = true;
    onError(error);
  });
  return redis;
}
