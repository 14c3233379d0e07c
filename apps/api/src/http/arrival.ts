import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { CLIENT_CLOSED, type Logger, type Metrics, requestMeter, routeOf } from '@deptracker/runtime';

const SANE = /^[A-Za-z0-9._-]{1,128}$/;

/** What is asked every few seconds by machines; shown at level debug only. */
const ROUTINE = /^\/(health|metrics)(\/|$)/;

interface Subject {
  readonly id: string;
  readonly project: string;
  readonly environment: string;
}

/** What is known of a request until its answer is out. */
interface Locals {
  requestId: string;
  /** On the clock of `performance.now`. */
  arrived: number;
  path: string;
  /** The name of its route, where that is known already. */
  route?: string;
  subject?: Subject;
}

const localsOf = (response: Response): Locals => response.locals as Locals;

/** The id that this request goes by. */
export function requestIdOf(response: Response): string {
  return localsOf(response).requestId;
}

/** Says which deployment a request is about, so that its log line does. */
export function noteDeployment(response: Response, subject: Subject): void {
  localsOf(response).subject = subject;
}

/**
 * Gives a request its id: the caller's X-Request-Id where it is sane, else a new one; the answer and every log line carry
 * it. When the answer is out or the caller has gone, it is counted, and there is a JSON line for it in the log.
 */
export function arrival(logger: Logger, metrics: Metrics): RequestHandler {
  const measure = requestMeter(metrics);
  // One function for all: a closure, and the wrapper of `once`, would live as long as their request.
  function onClose(this: Response): void {
    const { requestId, arrived, path, route, subject } = localsOf(this);
    const { req: request } = this;
    const status = this.writableFinished ? this.statusCode : CLIENT_CLOSED;
    const ms = performance.now() - arrived;
    measure(request.method, route ?? routeOf(request), status, ms / 1000);
    // What has the name of its route is an operation of the API.
    logger[route === undefined && ROUTINE.test(path) ? 'debug' : 'info']('request', {
      request_id: requestId,
      method: request.method,
      path,
      status,
      duration_ms: Math.round(ms * 10) / 10,
      deployment_id: subject?.id,
      project: subject?.project,
      environment: subject?.environment,
    });
  }
  return (request, response, next) => {
    const { originalUrl } = request;
    const given = request.headers['x-request-id'];
    const query = originalUrl.indexOf('?');
    const locals = localsOf(response);
    locals.requestId = typeof given === 'string' && SANE.test(given) ? given : randomUUID();
    locals.arrived = performance.now();
    locals.path = query === -1 ? originalUrl : originalUrl.slice(0, query);
    response.setHeader('X-Request-Id', locals.requestId);
    response.on('close', onClose);
    next();
  };
}
