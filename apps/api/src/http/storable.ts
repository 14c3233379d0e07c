import type { FieldError } from './http-refusal.js';

const DEEPEST = 32;
/** Half of a surrogate pair. */
const BROKEN = /\p{Surrogate}/u;

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** The JSON pointer of a path (RFC 6901); `''` is the whole body. */
export function pointerTo(path: readonly (string | number)[]): string {
  return path.map((step) => `/${escaped(String(step))}`).join('');
}

/** Postgres stores neither of the two. */
function textMistake(text: string): string | null {
  return text.includes('\0') || BROKEN.test(text) ? 'must not contain NUL or a broken surrogate pair' : null;
}

function valueMistake(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return textMistake(value);
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'must be a number that can be stored';
  return typeof value === 'object' && value !== null && depth >= DEEPEST ? `must not be nested deeper than ${DEEPEST}` : null;
}

function nameMistake(name: string): string | null {
  return name === '__proto__' ? 'is not allowed' : textMistake(name);
}

/** Finds what a JSON value holds, however deep, that cannot be stored as it is; stops at the first mistake. */
export function findUnstorable(value: unknown, path: readonly (string | number)[] = []): FieldError | null {
  const wrong = valueMistake(value, path.length);
  if (wrong !== null) return { pointer: pointerTo(path), message: `${path.at(-1) ?? 'the body'} ${wrong}` };
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    const step = Array.isArray(value) ? Number(name) : name;
    const misnamed = typeof step === 'string' ? nameMistake(step) : null;
    if (misnamed !== null) return { pointer: pointerTo([...path, step]), message: `the name of a field ${misnamed}` };
    const found = findUnstorable(inner, [...path, step]);
    if (found !== null) return found;
  }
  return null;
}
