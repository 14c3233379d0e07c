import { type Logger as BoltLogger, LogLevel } from '@slack/bolt';
import type { Logger } from '@deptracker/runtime';

const ignore = (): void => undefined;

/** Bolt's lines in ours, a level lower: what must be acted on is logged by us. Its debug lines hold payloads. */
export function boltLogger(logger: Logger): BoltLogger {
  const line = (level: 'warn' | 'info' | 'debug') => (...parts: unknown[]) => {
    logger[level](`slack: ${parts.map(String).join(' ')}`);
  };
  return {
    error: line('warn'),
    warn: line('info'),
    info: line('debug'),
    debug: ignore,
    setLevel: ignore,
    setName: ignore,
    getLevel: () => LogLevel.INFO,
  };
}
