import type { Writable } from 'node:stream';
import winston from 'winston';
import { lineOf, membersOf } from './line.js';
import { Lines } from './lines.js';

export type LogFields = Readonly<Record<string, unknown>>;
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** One JSON line per call: timestamp, level, message, then the fields. Error means that somebody must act now. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry these fields too. */
  child(fields: LogFields): Logger;
}

/** The logger that a process creates, which knows when its lines are out. */
export interface RootLogger extends Logger {
  /** Resolves when everything logged so far was handed to the operating system. */
  flush(): Promise<void>;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly service: string;
  readonly instance: string;
  /** Where the lines go; stdout by default. */
  readonly stream?: Writable;
}

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3 } as const;

interface Target {
  readonly winston: winston.Logger;
  readonly level: LogLevel;
}

function build(target: Target, base: LogFields): Logger {
  const always = membersOf(base);
  const log = (level: LogLevel) => {
    // Winston would make the line of a level that is not shown, too.
    if (LEVELS[level] > LEVELS[target.level]) return () => undefined;
    return (message: string, fields: LogFields = {}) => {
      target.winston.log({ level, message, line: lineOf({ level, message, base, always, fields }) });
    };
  };
  return {
    error: log('error'),
    warn: log('warn'),
    info: log('info'),
    debug: log('debug'),
    child: (fields) => build(target, { ...base, ...fields }),
  };
}

/** Creates a process's logger: JSON lines on stdout with service and instance, credentials masked. */
export function createLogger({ level, service, instance, stream = process.stdout }: LoggerOptions): RootLogger {
  const lines = new Lines(stream);
  // The lines come ready: winston's formats would make an object of each entry and go over it again.
  const asItIs = winston.format((info) => info)();
  const target = winston.createLogger({ level, levels: LEVELS, format: asItIs, transports: [lines] });
  return {
    ...build({ winston: target, level }, { service, instance }),
    async flush() {
      await new Promise((resolve) => setImmediate(resolve));
      lines.flush();
      // A closed stream calls back with an error, which is an answer too.
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
    },
  };
}
