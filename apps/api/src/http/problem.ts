import type { ErrorRequestHandler, Request, Response } from 'express';
import { DomainError, type Refusal } from '@deptracker/domain';
import { VendorError } from '@deptracker/resilience';
import { type Logger, TimeoutError } from '@deptracker/runtime';
import { OverloadedError, UnavailableError } from '@deptracker/store';
import { bodyRefusal } from './body.js';
import { type FieldError, HttpRefusal } from './http-refusal.js';
import { PROBLEM_KINDS, type ProblemKind } from './problem-kinds.js';
import { requestIdOf } from './request-id.js';

interface Problem {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of this kind of problem only. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** What a refusal tells besides its sentence. */
function membersOf(refusal: Refusal): Pick<Problem, 'members' | 'errors'> {
  switch (refusal.code) {
    case 'illegal_transition':
      return { members: { from: refusal.from, to: refusal.to, allowed: refusal.allowed } };
    case 'immutable':
      return { errors: refusal.fields.map((field) => ({ pointer: `/${field}`, message: `${field} cannot be changed` })) };
    case 'approval_closed':
      return { members: { approval: refusal.status, decidedBy: refusal.by } };
    case 'approval_lapsed':
      return { members: { expiresAt: refusal.expiresAt.toISOString() } };
    case 'not_eligible':
      return { members: { reason: refusal.why } };
    case 'already_decided':
      return { members: { decision: refusal.decision } };
    case 'retry_of_not_found':
      return { errors: [{ pointer: '/retryOf', message: 'there is no such deployment' }] };
    case 'revision_mismatch':
      return { members: { currentRevision: refusal.current } };
    case 'key_reused':
      return { members: { key: refusal.key } };
    case 'not_succeeded':
      return { members: { current: refusal.status } };
    case 'superseded':
      return { members: { by: refusal.by } };
    case 'project_exists':
      return { errors: [{ pointer: '/key', message: 'there is such a project already' }] };
    case 'environment_exists':
      return { errors: [{ pointer: '/name', message: 'there is such an environment already' }] };
    case 'quorum_unreachable':
      return { errors: [{ pointer: '/approvalPolicy', message: `${refusal.required} are required, ${refusal.eligible} eligible` }] };
    case 'project_unknown':
      return { errors: [{ pointer: '/project', message: 'there is no such project' }] };
    case 'environment_unknown':
      return { errors: [{ pointer: '/environment', message: 'there is no such environment' }] };
    case 'same_as_source':
      return { errors: [{ pointer: `/${refusal.field}`, message: `${refusal.field} must differ` }] };
    case 'approval_not_required':
    case 'deployment_not_found':
    case 'no_earlier_version':
    case 'project_archived':
    case 'project_not_found':
    case 'environment_archived':
    case 'environment_not_found':
      return {};
  }
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
    return { kind: kindOf(error.refusal.code), detail: error.message, ...membersOf(error.refusal) };
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
