import type { ProblemKind } from './problem-kinds.js';

/** One mistake in a request: where it is (JSON pointer into the body, parameter or header) and what is wrong. */
export interface FieldError {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly message: string;
  /** Within a text of several lines; both count from 1. */
  readonly line?: number;
  readonly column?: number;
}

interface RefusalOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused for its form, before any rule of the domain is asked. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly kind: ProblemKind,
    detail: string,
    { errors = [], headers = {} }: RefusalOptions = {},
  ) {
    super(detail);
    this.errors = errors;
    this.headers = headers;
  }
}

/** A request with mistakes in its fields. */
export function invalidRequest(errors: readonly FieldError[]): HttpRefusal {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new HttpRefusal('invalid-request', `${first?.message ?? 'The request is not valid'}${more}.`, { errors });
}
