import { parseByteSize } from './byte-size.js';
import { formatDuration, parseDuration } from './duration.js';
import { items } from './items.js';
import {
  type Optional,
  type PresentOptions,
  type Variable,
  type VariableOptions,
  parsed,
  variable,
} from './variable.js';

/** A whole number, decimal. `min` defaults to 0. */
export function integer<const O extends VariableOptions & { readonly min?: number; readonly max?: number }>(
  options: O,
): Variable<Optional<number, O>> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const parse = (digits: string): number | undefined => {
    const value = /^-?\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return variable(options, { schema: parsed(parse), expects: `a whole number ${range}` });
}

/** A length of time such as `30s`; the value (and a plain number) counts milliseconds. `minMs`: 1 by default. */
export function duration<const O extends VariableOptions & { readonly minMs?: number }>(
  options: O,
): Variable<Optional<number, O>> {
  const { minMs = 1 } = options;
  const parse = (text: string): number | undefined => {
    const ms = parseDuration(text);
    return ms === null || ms < minMs ? undefined : ms;
  };
  const least = minMs > 1 ? `, at least ${formatDuration(minMs)}` : '';
  return variable(options, {
    schema: parsed(parse),
    expects: `a length of time in ms, s, m, h or d${least}`,
  });
}

/** A number of bytes such as `256kb`; the value is in bytes. */
export function byteSize<const O extends VariableOptions>(options: O): Variable<Optional<number, O>> {
  return variable(options, {
    schema: parsed((text) => parseByteSize(text) ?? undefined),
    expects: 'a size of at least one byte, in b, kb or mb',
  });
}

/** Ascending whole numbers of seconds between commas, counted from one moment: a schedule of looks. */
export function delays(options: PresentOptions): Variable<readonly number[]> {
  const parse = (line: string): readonly number[] | undefined => {
    const numbers = items(line).map((item) => (/^\d{1,9}$/.test(item) ? Number(item) : Number.NaN));
    const ascends = numbers.every((value, index) => value > (numbers[index - 1] ?? 0));
    return numbers.length > 0 && ascends ? numbers : undefined;
  };
  return variable(options, {
    schema: parsed(parse),
    expects: 'ascending whole numbers of seconds separated by commas',
  });
}
