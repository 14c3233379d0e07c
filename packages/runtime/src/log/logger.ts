import type { Writable } from 'node:stream';
import winston from 'winston';
import { redactText } from './redact.js';
import { plainFields } from './serialise.js';

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

const FIRST = ['timestamp', 'level', 'message'];

/** Fields never replace the first three: one that has their name gets an underscore. */
function aside(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [FIRST.includes(name) ? `${name}_` : name, value]),
  );
}

const line = winston.format.printf((info) =>
  JSON.stringify({
    timestamp: new Date().toISOString(),
    level: info.level,
    message: redactText(String(info.message)),
    ...aside(plainFields(info['fields'] as LogFields)),
  }),
);

const guarded = new WeakSet<Writable>();

/** A reader that went away (`| head`, a launcher that died) or a full disk must not take the process with it. */
function surviveErrors(stream: Writable): void {
  if (guarded.has(stream)) return;
  guarded.add(stream);
  stream.on('error', () => undefined);
}

function build(target: winston.Logger, base: LogFields): Logger {
  // As one object: given apart, winston would glue a field called `message` to the message.
  const log = (level: LogLevel) => (message: string, fields?: LogFields) => {
    target.log({ level, message, fields: { ...base, ...fields } });
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
  surviveErrors(stream);
  const target = winston.createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: line,
    transports: [new winston.transports.Stream({ stream, eol: '\n' })],
  });
  return {
    ...build(target, { service, instance }),
    async flush() {
      await new Promise((resolve) => setImmediate(resolve));
      // A closed stream calls back with an error, which is an answer too.
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
    },
  };
}
