import type { Request } from 'express';
import type { JsonObject } from '../json.js';
import { basicAuth } from './jira-answer.js';
import { account } from './present-issue.js';

/** The address of the API as the caller knows it, for the `self` links. */
export function baseOf(request: Request): string {
  return `${request.protocol}://${request.get('host') ?? 'localhost'}${request.baseUrl}`;
}

/** The caller as Jira presents it. */
export function meOf(request: Request): JsonObject {
  return account(baseOf(request), basicAuth(request)?.email ?? '');
}
