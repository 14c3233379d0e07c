import type { RequestListener } from 'node:http';
import type { ErrorRequestHandler, Express, NextFunction, Request, RequestHandler, Response } from 'express';
import type { Step } from './at-once.js';
import type { RouteTable } from './route-table.js';

/** What is done with a request once its address is known. */
export interface Way {
  /** The part of the address before the pattern. */
  readonly mount: string;
  readonly route: { readonly path: string };
  /** The mount and the pattern, as metrics name them. */
  readonly label: string;
  /** Null where the request needs no body. */
  readonly readBody: RequestHandler | null;
  readonly handle: (request: Request, response: Response) => Promise<void> | void;
}

export interface StraightOptions {
  /** Serves whatever is not in the table. */
  readonly app: Express;
  readonly table: RouteTable<Way>;
  /** What each request meets first. */
  readonly arrive: Step;
  readonly limit: RequestHandler;
  /** What it meets when it is within the limits. */
  readonly admit: Step;
  readonly problems: ErrorRequestHandler;
}

/** As Express leaves an answer that broke when it had begun, or that cannot be given. */
const abandon = (response: Response): NextFunction => () => response.socket?.destroy();

/**
 * Serves what is in the table as the application would: with the same steps in the same order, but not through Express's
 * router, which makes closures for each layer and request. Requests and responses must be born with Express's prototypes
 * (`bornPrototypes`), so that handlers find on them whatever Express gives.
 */
export function straight({ app, table, arrive, limit, admit, problems }: StraightOptions): RequestListener {
  const fail = (error: unknown, request: Request, response: Response): void => {
    const leave = abandon(response);
    try {
      problems(error, request, response, leave);
    } catch {
      leave();
    }
  };

  function handle(way: Way, request: Request, response: Response): void {
    try {
      way.handle(request, response)?.catch((error: unknown) => fail(error, request, response));
    } catch (error) {
      fail(error, request, response);
    }
  }

  function enter(way: Way, request: Request, response: Response): void {
    try {
      if (!admit(request, response)) return;
      // As Express does: who is refused before counts as nobody's.
      request.route = way.route;
      response.locals['route'] = way.label;
      if (way.readBody !== null) {
        way.readBody(request, response, (error?: unknown) => {
          if (error === undefined) handle(way, request, response);
          else fail(error, request, response);
        });
        return;
      }
    } catch (error) {
      fail(error, request, response);
      return;
    }
    handle(way, request, response);
  }

  return (incoming, outgoing) => {
    const found = table.find(incoming.method ?? '', incoming.url ?? '');
    if (found === null) {
      app(incoming, outgoing);
      return;
    }
    const request = incoming as Request;
    const response = outgoing as Response;
    const { way, params } = found;
    request.res = response;
    request.originalUrl = request.url;
    request.baseUrl = way.mount;
    request.params = params;
    response.locals = { requestId: '', arrived: 0, path: '', route: undefined, subject: undefined };
    try {
      if (!arrive(request, response)) return;
      limit(request, response, (error?: unknown) => {
        if (error === undefined) enter(way, request, response);
        else fail(error, request, response);
      });
    } catch (error) {
      fail(error, request, response);
    }
  };
}
