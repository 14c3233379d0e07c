import type { RequestHandler } from 'express';
import { HttpRefusal } from '../../http/http-refusal.js';
import { sendProblem } from '../../http/problem.js';

/** How far Slack's clock may be from ours, in seconds (https://docs.slack.dev/authentication/verifying-requests-from-slack). */
const TOLERANCE_S = 300;

/** Bolt refuses old timestamps only; one from the future could be used again and again until it is old. */
export const freshTimestamp: RequestHandler = (request, _response, next) => {
  const sent = request.headers['x-slack-request-timestamp'];
  const fresh = typeof sent === 'string' && /^\d{1,12}$/.test(sent) && Math.abs(Date.now() / 1000 - Number(sent)) <= TOLERANCE_S;
  if (!fresh) throw new HttpRefusal('unauthentic', 'X-Slack-Request-Timestamp is missing or more than 5 minutes off.');
  next();
};

const FORM = 'application/x-www-form-urlencoded';

/** Bolt compares the whole header; a charset is no reason to take a form for JSON. */
export const plainFormType: RequestHandler = (request, _response, next) => {
  if (request.headers['content-type']?.startsWith(`${FORM};`) === true) request.headers['content-type'] = FORM;
  next();
};

/** Bolt answers these itself, also where there is nothing to give back. */
function lacksChallenge(body: unknown): boolean {
  const { type, challenge } = (body ?? {}) as { readonly type?: unknown; readonly challenge?: unknown };
  return type === 'url_verification' && (typeof challenge !== 'string' || challenge === '');
}

function refusalFor(status: number): HttpRefusal {
  if (status === 401) return new HttpRefusal('unauthentic', 'The signature does not fit the request.');
  if (status === 413) return new HttpRefusal('body-too-large', 'Slack does not send bodies of this size.');
  return new HttpRefusal('malformed-json', 'The body is not what Slack sends.');
}

/**
 * Bolt refuses with empty answers; here they become problems like all others. It stops reading a body that is too
 * large, which would leave the connection stuck for the caller's next request: the rest is read and thrown away.
 */
export const explainRefusals: RequestHandler = (request, response, next) => {
  const send = response.send.bind(response);
  response.send = (body?: unknown) => {
    if (body === undefined && response.statusCode >= 400) {
      request.resume();
      sendProblem(request, response, refusalFor(response.statusCode));
    } else if (response.statusCode < 400 && lacksChallenge(request.body)) {
      sendProblem(request, response, new HttpRefusal('invalid-request', 'url_verification needs a challenge.'));
    } else send(body);
    return response;
  };
  next();
};
