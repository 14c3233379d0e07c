import type { Logger } from '@deptracker/runtime';
import { type Database, removeHeartbeat, writeHeartbeat } from '@deptracker/store';
import { type Loop, startLoop } from './loop.js';

export interface HeartbeatOptions {
  readonly database: Database;
  readonly service: string;
  readonly instance: string;
  readonly logger: Logger;
  /** What others should see: breaker, redis, how much runs. */
  readonly detail: () => Readonly<Record<string, unknown>>;
}

const EVERY_MS = 5_000;

/** Writes a sign of life to Postgres every five seconds; stopping takes it back. */
export function startHeartbeat(options: HeartbeatOptions): Loop {
  const { database, service, instance, logger } = options;
  const loop = startLoop(
    () => writeHeartbeat(database, { service, instance, detail: options.detail() }),
    EVERY_MS,
    (error) => logger.warn('heartbeat not written', { error: String(error) }),
  );
  return {
    ...loop,
    stop: async () => {
      await loop.stop();
      await removeHeartbeat(database, service, instance).catch(() => undefined);
    },
  };
}
