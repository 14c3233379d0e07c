/** Which values a setting may have. */
export interface ValueKind<T> {
  /** The same as JSON Schema 2020-12, for people and tools. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Completes "the value must be …". */
  readonly expects: string;
  fits(value: unknown): value is T;
}

/** A whole number of these. */
export function wholeNumber(minimum: number, maximum: number, of = ''): ValueKind<number> {
  return {
    schema: { type: 'integer', minimum, maximum },
    expects: `a whole number${of} from ${minimum} to ${maximum}`,
    fits: (value): value is number => Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum,
  };
}

/** A number, which may have decimals. */
export function number(minimum: number, maximum: number, of = ''): ValueKind<number> {
  return {
    schema: { type: 'number', minimum, maximum },
    expects: `a number${of} from ${minimum} to ${maximum}`,
    fits: (value): value is number => typeof value === 'number' && value >= minimum && value <= maximum,
  };
}

/** One of these words. */
export function word<const W extends string>(words: readonly W[]): ValueKind<W> {
  return {
    schema: { type: 'string', enum: words },
    expects: `one of ${words.join(', ')}`,
    fits: (value): value is W => words.some((one) => one === value),
  };
}

/** A text of this pattern, which `expects` puts into words. */
export function text(pattern: RegExp, expects: string): ValueKind<string> {
  return {
    schema: { type: 'string', pattern: pattern.source },
    expects,
    fits: (value): value is string => typeof value === 'string' && pattern.test(value),
  };
}

/** Some of these words, each at most once. */
export function words<const W extends string>(known: readonly W[]): ValueKind<readonly W[]> {
  const one = word(known);
  return {
    schema: { type: 'array', items: one.schema, uniqueItems: true },
    expects: `a list of some of these, each at most once: ${known.join(', ')}`,
    fits: (value): value is readonly W[] => Array.isArray(value) && value.every((each) => one.fits(each)) && new Set(value).size === value.length,
  };
}
