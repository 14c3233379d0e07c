import { REDACTED, isSecretName, redactText } from './redact.js';

const DEEPEST = 8;

/** Node's AggregateError of a refused connection has an empty message; its first cause says what happened. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error ? first.message : '';
}

function plainError(error: Error, seen: readonly object[]): Record<string, unknown> {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    message: redactText(messageOf(error)),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, seen) }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
  };
}

function plainObject(value: object, seen: readonly object[]): unknown {
  if (seen.includes(value)) return '[circular]';
  if (seen.length >= DEEPEST) return '[too deep]';
  const inside = [...seen, value];
  if (value instanceof Error) return plainError(value, inside);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map((item) => plain(item, inside));
  if (value instanceof Map) return plain(Object.fromEntries(value), inside);
  if (value instanceof Set) return plain([...value], inside);
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`;
  return plainFields(value as Readonly<Record<string, unknown>>, inside);
}

/** What JSON can hold of a value, without credentials, cycles or Errors; never throws on data. */
export function plain(value: unknown, seen: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  return typeof value === 'object' && value !== null ? plainObject(value, seen) : value;
}

function plainFields(fields: Readonly<Record<string, unknown>>, seen: readonly object[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSecretName(name) && value !== null && value !== undefined ? REDACTED : plain(value, seen),
    ]),
  );
}
