import type { FieldError } from './http-refusal.js';

const DEEPEST = 32;

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** The JSON pointer of a path (RFC 6901); `''` is the whole body. */
export function pointerTo(path: readonly (string | number)[]): string {
  return path.map((step) => `/${escaped(String(step))}`).join('');
}

/** Postgres stores neither of the two. */
function textMistake(text: string): string | null {
  return text.includes('\0') || !text.isWellFormed() ? 'must not contain NUL or a broken surrogate pair' : null;
}

function valueMistake(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return textMistake(value);
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'must be a number that can be stored';
  return typeof value === 'object' && value !== null && depth >= DEEPEST ? `must not be nested deeper than ${DEEPEST}` : null;
}

function nameMistake(name: string): string | null {
  return name === '__proto__' ? 'is not allowed' : textMistake(name);
}

interface Found {
  readonly path: (string | number)[];
  /** What is wrong with what stands at the path, or with its name. */
  readonly value?: string;
  readonly name?: string;
}

/** Paths are put together only on the way back from a mistake: nearly every value has none. */
function search(value: unknown, depth: number): Found | null {
  const wrong = valueMistake(value, depth);
  if (wrong !== null) return { path: [], value: wrong };
  if (typeof value !== 'object' || value === null) return null;
  for (const step of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const misnamed = typeof step === 'string' ? nameMistake(step) : null;
    const found = misnamed === null ? search((value as Record<string | number, unknown>)[step], depth + 1) : { path: [], name: misnamed };
    if (found === null) continue;
    found.path.unshift(step);
    return found;
  }
  return null;
}

/** Finds what a JSON value holds, however deep, that cannot be stored as it is; stops at the first mistake. */
export function findUnstorable(value: unknown): FieldError | null {
  const found = search(value, 0);
  if (found === null) return null;
  const { path, value: wrong, name } = found;
  const message = name === undefined ? `${path.at(-1) ?? 'the body'} ${wrong}` : `the name of a field ${name}`;
  return { pointer: pointerTo(path), message };
}
