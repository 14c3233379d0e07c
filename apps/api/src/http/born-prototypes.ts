import { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import { beginWithStanding } from './standing-headers.js';

type Constructor<T> = new (...args: never[]) => T;

function carrying<T>(born: Constructor<T>, prototype: object, app: Express): object {
  Object.defineProperties(born.prototype as object, Object.getOwnPropertyDescriptors(prototype));
  Object.defineProperty(born.prototype, 'app', { configurable: true, enumerable: true, writable: true, value: app });
  return born.prototype as object;
}

/**
 * Classes for `http.createServer` whose objects are born with Express's prototypes. Express sets the prototype of every
 * request and response, and V8 treats an object whose prototype is set as a dictionary from then on, which costs most
 * of a small request's time; where it is the same already, setting it does nothing.
 */
export function bornPrototypes(app: Express): {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
} {
  class BornRequest extends IncomingMessage {}
  class BornResponse extends ServerResponse {}
  beginWithStanding(BornResponse);
  app.request = carrying(BornRequest, express.request, app) as Express['request'];
  app.response = carrying(BornResponse, express.response, app) as Express['response'];
  return { IncomingMessage: BornRequest, ServerResponse: BornResponse as typeof ServerResponse };
}
