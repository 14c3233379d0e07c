import type { Request } from 'express';
import type { Answer, Wording } from '../answer.js';
import type { FieldErrors } from './fields.js';

/** 400 in Jira's form. */
export function badRequest(errors: FieldErrors, ...errorMessages: string[]): Answer {
  return { status: 400, body: { errorMessages, errors } };
}

/** For an id that is unknown or hidden: without a body, as live systems often answer. */
export const NOT_FOUND: Answer = { status: 404 };

/** For a body that Jira cannot make sense of. */
export const INVALID_PAYLOAD = badRequest(
  {},
  'Invalid request payload. Refer to the REST API documentation and try again.',
);

/** The account whose credentials are checked; undefined parts are not. */
export interface JiraCredentials {
  readonly email: string | undefined;
  readonly token: string | undefined;
}

/** E-mail and token of the Basic header; null without a usable one. */
export function basicAuth(request: Request): { email: string; token: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.get('authorization') ?? '')?.[1];
  const [, email, token] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  return email === undefined || token === undefined ? null : { email, token };
}

/** Jira's general answers. A Basic header is always needed; it is checked only where credentials are given. */
export function jiraWording(credentials: JiraCredentials): Wording {
  return {
    unauthorised: (request) => {
      const given = basicAuth(request);
      const right =
        given !== null &&
        given.email === (credentials.email ?? given.email) &&
        given.token === (credentials.token ?? given.token);
      return right ? null : { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="Jira"' } };
    },
    rateLimited: (seconds) => ({
      status: 429,
      body: { errorMessages: ['Rate limit exceeded.'], errors: {} },
      headers: {
        'RateLimit-Reason': 'jira-burst-based',
        ...(seconds === undefined ? {} : { 'Retry-After': String(seconds) }),
      },
    }),
    failed: (status, error) => ({
      status: status ?? 500,
      body: { errorMessages: [error ?? 'Internal server error'], errors: {} },
    }),
    refuses: ({ status }) => status >= 400,
    channelOf: () => undefined,
  };
}
