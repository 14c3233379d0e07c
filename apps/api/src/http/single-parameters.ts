import type { RequestHandler } from 'express';
import { invalidRequest } from './http-refusal.js';

/** Refuses a query that gives a parameter more than once: whoever reads it next might take the other one. */
export const singleParameters: RequestHandler = (request, _response, next) => {
  if (request.url.includes('?')) {
    const twice = Object.entries(request.query).filter(([, value]) => Array.isArray(value));
    if (twice.length > 0) {
      throw invalidRequest(twice.map(([parameter]) => ({ parameter, message: `${parameter} must be given once` })));
    }
  }
  next();
};
