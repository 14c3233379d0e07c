import type { Request } from 'express';
import type Joi from 'joi';
import { type FieldError, invalidRequest } from './http-refusal.js';
import { findUnstorable, pointerTo } from './storable.js';

const MOST_ERRORS = 50;

/** JSON has types, so nothing is converted but by the schema itself; every mistake is told at once. */
const STRICT = { abortEarly: false, convert: false, errors: { label: 'key', wrap: { label: false } } } as const;

const strict = new WeakMap<Joi.Schema, Joi.Schema>();

/** The schema with our preferences: joi merges those of a schema once, and those that it is given at each validation. */
export function strictly<T>(schema: Joi.Schema<T>): Joi.Schema<T> {
  const known = strict.get(schema);
  if (known !== undefined) return known as Joi.Schema<T>;
  const made = schema.prefs(STRICT);
  strict.set(schema, made);
  return made;
}

type Place = (path: readonly (string | number)[]) => Omit<FieldError, 'message'>;

/** The value as the schema makes it; every mistake is told with its place. */
export function checked<T>(schema: Joi.Schema<T>, value: unknown, place: Place): T {
  // Joi copies what it is given, and this name would become the copy's prototype.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    throw invalidRequest([{ ...place(['__proto__']), message: '__proto__ is not allowed' }]);
  }
  const result = strictly(schema).validate(value);
  if (result.error === undefined) return result.value;
  // One mistake per field is enough: what follows from it would only confuse.
  const mistakes = new Map(result.error.details.toReversed().map(({ path, message }) => [pointerTo(path), { ...place(path), message }]));
  throw invalidRequest([...mistakes.values()].reverse().slice(0, MOST_ERRORS));
}

/** A part of a body that stands at `base`, as the schema describes it; the pointers of mistakes lead into the whole. */
export function validPart<T>(schema: Joi.Schema<T>, part: unknown, base: readonly (string | number)[]): T {
  const unstorable = findUnstorable(part);
  if (unstorable !== null) throw invalidRequest([{ ...unstorable, pointer: pointerTo(base) + (unstorable.pointer ?? '') }]);
  return checked(schema, part, (path) => ({ pointer: pointerTo([...base, ...path]) }));
}

/** The request's body as the schema describes it; mistakes are told with a JSON pointer (RFC 6901). */
export function validBody<T>(schema: Joi.Schema<T>, request: Request): T {
  return validPart(schema, request.body, []);
}

/** A body whose parts are judged one by one with `validPart`: only what the schema says of the whole is checked. */
export function validWhole<T>(schema: Joi.Schema<T>, request: Request): T {
  return checked(schema, request.body, (path) => ({ pointer: pointerTo(path) }));
}

/** Few enough to be let go all at once, short enough to take a few hundred kilobytes at most. */
const MOST_QUERIES = 500;
const LONGEST_QUERY = 500;

/**
 * `validQuery` for a schema whose queries come again and again, as those of pages and pollers do: what it made of a text
 * is made of the same text again. Mistakes are not kept. The value is shared: nobody may change it.
 */
export function rememberingQueries<T extends object>(schema: Joi.ObjectSchema<T>): (request: Request) => T {
  const known = new Map<string, T>();
  return (request) => {
    const { url } = request;
    const start = url.indexOf('?');
    const text = start === -1 ? '' : url.slice(start);
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = Object.freeze(validQuery(schema, request));
    if (known.size === MOST_QUERIES) known.clear();
    if (text.length <= LONGEST_QUERY) known.set(text, value);
    return value;
  };
}

/** The request's query as the schema describes it; mistakes are told with the parameter's name. */
function validQuery<T>(schema: Joi.ObjectSchema<T>, request: Request): T {
  return checked(schema, { ...request.query }, (path) => ({ parameter: String(path[0] ?? '') }));
}
