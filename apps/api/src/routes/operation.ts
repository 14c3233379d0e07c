import type { Request, Response } from 'express';
import type Joi from 'joi';
import type { ProblemKind } from '../http/problem-kinds.js';
import { rememberingQueries, strictly, validBody } from '../http/validate.js';
import type { AnswerHeader } from './answer-headers.js';
import { noQuery } from './fields.js';
import type { RouteOptions } from './route-options.js';
import type { Tag } from './tags.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A part of the address. What does not fit the schema names nothing that there is: the answer is a 404 of its kind. */
export interface PathParameter<T = unknown> {
  readonly schema: Joi.Schema<T>;
  readonly description: string;
  readonly problem: ProblemKind;
  /** The error for a text that does not fit. */
  readonly missing: (text: string) => Error;
}

/** A header that the operation looks at. */
export interface RequestHeader<T = unknown> {
  readonly name: string;
  readonly schema: Joi.Schema;
  readonly description: string;
  /** Problems that only requests with this header meet. */
  readonly problems?: readonly ProblemKind[];
  readonly read: (request: Request) => T;
}

/** An answer that is no problem. */
export interface Answer {
  readonly description: string;
  /** Of the body; an answer without one has none. */
  readonly schema?: Joi.Schema;
  /** `application/json` where nothing else is said. */
  readonly contentType?: string;
  readonly headers?: readonly AnswerHeader[];
}

/** A request that works, as the document shows it. */
export interface Example {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a caller may know of an operation; the API's document is made of these. */
export interface Description {
  readonly method: Method;
  /** Express's pattern below the mount. */
  readonly path: string;
  /** `root` is for what stands outside the API's mounts. */
  readonly mount?: 'api' | 'root';
  /** Unique, camelCase, a verb first. */
  readonly operationId: string;
  readonly tag: Tag;
  /** A few words. */
  readonly summary: string;
  /** Whatever a caller must know beyond; Markdown. */
  readonly description?: string;
  readonly params?: Readonly<Record<string, PathParameter>>;
  readonly query?: Joi.ObjectSchema<object>;
  readonly headers?: Readonly<Record<string, RequestHeader>>;
  readonly body?: Joi.Schema;
  /** The body may be larger than others; `BATCH_BODY_LIMIT`. */
  readonly largeBody?: boolean;
  /** `application/json` where nothing else is said. */
  readonly bodyType?: string;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Beyond what follows from parameters, headers and body, and what every operation can answer. */
  readonly problems?: readonly ProblemKind[];
  readonly example: Example;
}

interface Input {
  readonly params?: object;
  readonly query?: object;
  readonly headers?: object;
  readonly body?: unknown;
}

/** What a handler works with: of the request what it names in `I`, validated. */
export type Call<I extends Input = object> = I & { readonly request: Request; readonly response: Response };

interface Validated<P, Q, H, B> {
  readonly params: P & object;
  readonly query: Q & object;
  readonly headers: H & object;
  readonly body: B;
}

interface Spec<P, Q, H, B> extends Omit<Description, 'params' | 'query' | 'headers' | 'body'> {
  readonly params?: { readonly [K in keyof P]: PathParameter<P[K]> };
  readonly query?: Joi.ObjectSchema<Q>;
  readonly headers?: { readonly [K in keyof H]: RequestHeader<H[K]> };
  readonly body?: Joi.Schema<B>;
  /** Reads and validates the body instead of its schema: where its parts are judged one by one, or most are plain. */
  readonly readBody?: (request: Request) => NoInfer<B>;
  readonly handle: (options: RouteOptions, call: Call<Validated<NoInfer<P>, NoInfer<Q>, NoInfer<H>, NoInfer<B>>>) => Promise<void> | void;
}

/** A described operation with what it does. */
export interface Operation extends Description {
  readonly run: (options: RouteOptions, request: Request, response: Response) => Promise<void> | void;
}

function readParam({ schema, missing }: PathParameter, text: string): unknown {
  const result = strictly(schema).validate(text);
  if (result.error !== undefined) throw missing(text.slice(0, 100));
  return result.value;
}

function mapValues<T>(table: Readonly<Record<string, T>>): (read: (one: T, name: string) => unknown) => object {
  const entries = Object.entries(table);
  return (read) => {
    const values: Record<string, unknown> = {};
    for (const [name, one] of entries) values[name] = read(one, name);
    return values;
  };
}

/**
 * One row of a resource's table: describes an operation and says who handles it. The handler gets what the described
 * schemas made of the request, so that description and validation cannot drift apart.
 */
export function operation<P = object, Q = object, H = object, B = undefined>(spec: Spec<P, Q, H, B>): Operation {
  const { handle, readBody, ...rest } = spec;
  const description = rest as Description;
  const { query = noQuery, body } = description;
  const readQuery = rememberingQueries<object>(query);
  const params = mapValues(description.params ?? {});
  const headers = mapValues(description.headers ?? {});
  return {
    ...description,
    run(options, request, response) {
      const call = {
        query: readQuery(request),
        params: params((one, name) => readParam(one, String(request.params[name]))),
        headers: headers((one) => one.read(request)),
        body: body === undefined ? undefined : (readBody?.(request) ?? validBody<unknown>(body, request)),
        request,
        response,
      };
      return handle(options, call as unknown as Call<Validated<P, Q, H, B>>);
    },
  };
}
