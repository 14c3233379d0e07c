import type { ErrorRequestHandler, Request, Response } from 'express';
import { DomainError, type Refusal } from '@deptracker/domain';
import { VendorError } from '@deptracker/resilience';
import { type Logger, TimeoutError } from '@deptracker/runtime';
import { OverloadedError, UnavailableError } from '@deptracker/store';
import { bodyRefusal } from './body.js';
import { HttpRefusal } from './http-refusal.js';
import { PROBLEM_KINDS, type ProblemKind } from './problem-kinds.js';
import { type Details, detailsOf } from './refusal-details.js';
import { requestIdOf } from './arrival.js';

interface Problem extends Details {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `_` becomes `-`: every refusal of the domain is a kind of problem of its own. */
type Dashed<C extends string> = C extends `${infer A}_${infer B}` ? `${A}-${Dashed<B>}` : C;
const kindOf = (code: Refusal['code']): ProblemKind => code.replaceAll('_', '-') as Dashed<Refusal['code']>;

function problemOf(error: unknown): Problem {
  if (error instanceof HttpRefusal) {
    const { kind, message, errors, headers } = error;
    return { kind, detail: message, errors, headers };
  }
  if (error instanceof DomainError) {
    return { kind: kindOf(error.refusal.code), detail: error.message, ...detailsOf(error.refusal) };
  }
  if (error instanceof OverloadedError) {
    return { kind: 'overloaded', detail: 'Too many requests are waiting; try again.', headers: { 'Retry-After': '1' } };
  }
  if (error instanceof UnavailableError) {
    return { kind: 'unavailable', detail: 'The database does not answer; try again.', headers: { 'Retry-After': '2' } };
  }
  if (error instanceof TimeoutError || error instanceof VendorError) {
    return { kind: 'unavailable', detail: 'This took too long or Slack does not answer; try again.', headers: { 'Retry-After': '2' } };
  }
  const refusal = bodyRefusal(error);
  if (refusal !== null) return problemOf(refusal);
  return { kind: 'internal', detail: 'The request could not be handled; the log tells more under its requestId.' };
}

/**
 * A problem without what belongs to its request. What went wrong inside is never told. `base` is where in the body the
 * part stands that the domain has refused.
 */
export function presentProblem(error: unknown, base = ''): { readonly status: number } & Readonly<Record<string, unknown>> {
  const { kind, detail, errors = [], members } = problemOf(error);
  const { status, title } = PROBLEM_KINDS[kind];
  const placed = error instanceof DomainError ? errors.map((one) => ({ ...one, pointer: `${base}${one.pointer ?? ''}` })) : errors;
  return { type: `/problems/${kind}`, title, status, detail, ...(placed.length === 0 ? {} : { errors: placed }), ...members };
}

/** Answers with a problem as RFC 9457 has it. */
export function sendProblem(request: Request, response: Response, error: unknown): void {
  const { headers = {} } = problemOf(error);
  const { type, title, status, detail, ...members } = presentProblem(error);
  response.status(status).set({ 'Cache-Control': 'no-store', ...headers });
  response.removeHeader('ETag');
  const instance = request.originalUrl.split('?', 1)[0];
  const problem = { type, title, status, detail, instance, ...members, requestId: requestIdOf(response) };
  response.type('application/problem+json').send(JSON.stringify(problem));
}

/** Logs what is not the caller's fault: somebody must act on a fault of ours, a dependency that is away passes. */
export function logFault(logger: Logger, response: Response, error: unknown): void {
  const { kind } = problemOf(error);
  const { status } = PROBLEM_KINDS[kind];
  if (status < 500) return;
  const fields = { request_id: requestIdOf(response), problem: kind, error };
  if (kind === 'internal') logger.error('request failed', fields);
  else logger.warn('request could not be served', fields);
}

/** The last handler of the application: turns every error into a problem. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    logFault(logger, response, error);
    if (response.headersSent) next(error);
    else sendProblem(request, response, error);
  };
}
