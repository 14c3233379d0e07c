import Joi from 'joi';

declare const valueType: unique symbol;

/** One environment variable: how its text is checked and turned into a value, and what people read about it. */
export interface Variable<T> {
  /** Checks and converts the text; `required()` where there is neither a default nor leave to be absent. */
  readonly schema: Joi.Schema;
  /** What the text must be, to complete "NAME must be …". */
  readonly expects: string;
  readonly description: string;
  /** The text that holds while nothing is set; null without one. */
  readonly default: string | null;
  /** What documentation shows instead of a default that depends on the machine. */
  readonly shownDefault: string | null;
  readonly required: boolean;
  /** The value is never printed. */
  readonly secret: boolean;
  readonly example: string | null;
  readonly [valueType]?: T;
}

/** A table of variables by name, the part of the configuration that belongs to one concern. */
export type Fragment = Readonly<Record<string, Variable<unknown>>>;

/** The type of the value that a variable gives. */
export type ValueOf<V> = V extends Variable<infer T> ? T : never;

export interface VariableOptions {
  readonly description: string;
  readonly default?: string;
  /** For documentation, where the default depends on the machine. */
  readonly shownDefault?: string;
  /** The value may be undefined. */
  readonly optional?: true;
  /** For messages and documentation; where there is none, the default serves. */
  readonly example?: string;
}

/** Options of a variable that always has a value. */
export type PresentOptions = Omit<VariableOptions, 'optional'>;

/** A value that may be undefined where the options say `optional`. */
export type Optional<T, O> = O extends { readonly optional: true } ? T | undefined : T;

interface Kind {
  readonly schema: Joi.Schema;
  readonly expects: string;
  readonly secret?: true;
}

/** Puts a variable together from what people read of it and how its text is checked. */
export function variable<T>(options: VariableOptions, kind: Kind): Variable<T> {
  const required = options.default === undefined && options.optional === undefined;
  return {
    schema: required ? kind.schema.required() : kind.schema.optional(),
    expects: kind.expects,
    description: options.description,
    default: options.default ?? null,
    shownDefault: options.shownDefault ?? options.default ?? null,
    required,
    secret: kind.secret ?? false,
    example: options.example ?? null,
  };
}

/** Thrown by a parser that knows which part of the text is wrong. */
export class WrongPart extends Error {
  override readonly name = 'WrongPart';

  constructor(readonly part: string) {
    super(`${part} is wrong`);
  }
}

/** A schema for text that `parse` understands; `undefined` or a `WrongPart` from it means that the text is wrong. */
export function parsed(parse: (text: string) => unknown): Joi.Schema {
  return Joi.string().custom((text: string, helpers) => {
    try {
      return parse(text) ?? helpers.error('any.invalid');
    } catch (error) {
      if (error instanceof WrongPart) return helpers.error('any.invalid', { part: error.part });
      throw error;
    }
  });
}
