import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** True where the request goes on, false where it has been answered; what refuses it throws. */
export type Step = (request: Request, response: Response) => boolean;

let passed = false;
let refusal: unknown;

/** One for all requests: nothing else runs between a step's beginning and its end. */
const pass: NextFunction = (error?: unknown) => {
  passed = true;
  refusal = error;
};

/**
 * Middleware in its order as one function, without a closure per request and step. Each must have called `next` when it
 * returns, or never will.
 */
export function atOnce(...steps: readonly RequestHandler[]): Step {
  return (request, response) => {
    for (const step of steps) {
      passed = false;
      step(request, response, pass);
      if (!passed) return false;
      if (refusal !== undefined && refusal !== null) throw refusal as Error;
    }
    return true;
  };
}

/** The same for Express. */
export function asMiddleware(step: Step): RequestHandler {
  return (request, response, next) => {
    if (step(request, response)) next();
  };
}
