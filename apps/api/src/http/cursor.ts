import { invalidRequest } from './http-refusal.js';

/** Where the next page begins, as an opaque text; null stays null. */
export function encodeCursor(position: readonly (string | number)[] | null): string | null {
  return position === null ? null : Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Reads a cursor that `encodeCursor` made; one that `read` does not understand is refused. Undefined is the beginning. */
export function decodeCursor<T>(cursor: string | undefined, read: (position: readonly unknown[]) => T | null): T | null {
  if (cursor === undefined) return null;
  let position: T | null = null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    position = Array.isArray(parsed) ? read(parsed) : null;
  } catch {
    // Not base64url of JSON: refused below.
  }
  if (position === null) {
    throw invalidRequest([{ parameter: 'cursor', message: 'cursor must be the nextCursor of an earlier page' }]);
  }
  return position;
}
