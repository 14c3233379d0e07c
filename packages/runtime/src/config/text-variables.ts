import Joi from 'joi';
import { items } from './items.js';
import {
  type Optional,
  type PresentOptions,
  type Variable,
  type VariableOptions,
  parsed,
  variable,
} from './variable.js';

/** Any text without line breaks; where `pattern` is given it must match and `expects` says what that is. */
export function text<const O extends VariableOptions & { readonly pattern?: RegExp; readonly expects?: string }>(
  options: O,
): Variable<Optional<string, O>> {
  const schema = Joi.string().pattern(options.pattern ?? /^[^\r\n]+$/);
  return variable(options, { schema, expects: options.expects ?? 'a text on one line' });
}

/** One of the given words. */
export function oneOf<const W extends string, const O extends VariableOptions>(
  words: readonly W[],
  options: O,
): Variable<Optional<W, O>> {
  const list = words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${String(words.at(-1))}`;
  return variable(options, { schema: Joi.string().valid(...words), expects: list });
}

/** A credential: never printed, no white space inside. */
export function secret<const O extends VariableOptions>(options: O): Variable<Optional<string, O>> {
  return variable(options, {
    schema: Joi.string().pattern(/^\S+$/),
    expects: 'a text without white space',
    secret: true,
  });
}

/** The address of a server whose credentials stand in it, so that the whole is a secret. */
export function secretUrl<const O extends VariableOptions & { readonly schemes: readonly [string, string] }>(
  options: O,
): Variable<Optional<string, O>> {
  const allowed = options.schemes.map((scheme) => `${scheme}:`);
  const valid = (address: string): boolean => URL.canParse(address) && allowed.includes(new URL(address).protocol);
  return variable(options, {
    schema: parsed((address) => (valid(address) ? address : undefined)),
    expects: `an address that starts with ${options.schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    secret: true,
  });
}

/** An http or https address without credentials. The value ends in a slash where `slash` is `add`, else in none. */
export function url<const O extends VariableOptions & { readonly slash: 'add' | 'strip' }>(
  options: O,
): Variable<Optional<string, O>> {
  const parse = (address: string): string | undefined => {
    if (!URL.canParse(address)) return undefined;
    const { protocol, username, password, search, hash } = new URL(address);
    if (!['http:', 'https:'].includes(protocol) || `${username}${password}${search}${hash}` !== '') return undefined;
    const bare = address.replace(/\/+$/, '');
    return options.slash === 'add' ? `${bare}/` : bare;
  };
  return variable(options, {
    schema: parsed(parse),
    expects: 'an address that starts with http:// or https:// and holds no credentials, query or fragment',
  });
}

/** A schedule in cron's five fields, or six with seconds first. Only the form is checked, not what it means. */
export function cron<const O extends VariableOptions>(options: O): Variable<Optional<string, O>> {
  // Months and days are words of three letters; a longer word is prose.
  const formed = (field: string): boolean => /^[\da-z*/,?#-]+$/i.test(field) && !/[a-z]{4}/i.test(field);
  const parse = (line: string): string | undefined => {
    const fields = line.split(/\s+/);
    return fields.every(formed) && (fields.length === 5 || fields.length === 6) ? fields.join(' ') : undefined;
  };
  return variable(options, { schema: parsed(parse), expects: 'a cron text of five fields, or six with seconds first' });
}

/** Words between commas; the default may be '' for none. */
export function list(options: PresentOptions): Variable<readonly string[]> {
  return variable(options, {
    schema: parsed((line) => items(line))
      .empty('')
      .default([]),
    expects: 'a list of words separated by commas',
  });
}

/** A JSON object. */
export function jsonObject(options: PresentOptions): Variable<Readonly<Record<string, unknown>>> {
  const parse = (json: string): Record<string, unknown> | undefined => {
    try {
      const value: unknown = JSON.parse(json);
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : undefined;
    } catch {
      return undefined;
    }
  };
  return variable(options, { schema: parsed(parse), expects: 'a JSON object' });
}
