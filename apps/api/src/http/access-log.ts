import type { RequestHandler, Response } from 'express';
import type { Logger } from '@deptracker/runtime';
import { requestIdOf } from './request-id.js';

/** Nginx's status for a caller who went away before the answer; no standard one exists. */
const CLIENT_CLOSED = 499;

/** What is asked every few seconds by machines; shown at level debug only. */
const ROUTINE = /^\/(health|metrics)(\/|$)/;

interface Subject {
  readonly id: string;
  readonly project: string;
  readonly environment: string;
}

/** Says which deployment a request is about, so that its log line does. */
export function noteDeployment(response: Response, deployment: Subject): void {
  response.locals['subject'] = {
    deployment_id: deployment.id,
    project: deployment.project,
    environment: deployment.environment,
  };
}

/** One JSON line per request, when its answer is out or its caller has gone. */
export function accessLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    const path = request.originalUrl.split('?', 1)[0] ?? '';
    response.once('close', () => {
      logger[ROUTINE.test(path) ? 'debug' : 'info']('request', {
        request_id: requestIdOf(response),
        method: request.method,
        path,
        status: response.writableFinished ? response.statusCode : CLIENT_CLOSED,
        duration_ms: Math.round((performance.now() - start) * 10) / 10,
        ...(response.locals['subject'] as Record<string, string> | undefined),
      });
    });
    next();
  };
}
