import { VendorError, type VendorFailure } from '@deptracker/resilience';
import { ALL_OF_JIRA, type JiraMethod, issueScope, methodScope } from './jira-scopes.js';
import { retryAfterMs } from './retry-after.js';

/** One answer of Jira, read but not understood yet. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly header: (name: string) => string | null;
}

const NO_HEADER_MS = 30_000;
const LEAST_MS = 1000;
const MESSAGE = 500;

/** Jira's own words, from `{ errorMessages: [], errors: { field: message } }`; empty where there are none. */
function complaint(body: string): string {
  try {
    const { errorMessages, errors } = JSON.parse(body) as { errorMessages?: unknown; errors?: unknown };
    const general = Array.isArray(errorMessages) ? errorMessages.map(String) : [];
    const fields = typeof errors === 'object' && errors !== null ? Object.entries(errors) : [];
    return [...general, ...fields.map(([field, message]) => `${field}: ${String(message)}`)].join('; ');
  } catch {
    return '';
  }
}

/** Which part of the API a 429 is about (developer.atlassian.com, "Rate limiting": the header RateLimit-Reason). */
function limited(answer: Answer, method: JiraMethod, issueId: string | undefined): string {
  const reason = answer.header('ratelimit-reason');
  if (reason === 'jira-per-issue-on-write' && issueId !== undefined) return issueScope(issueId);
  return reason === 'jira-burst-based' || reason === 'jira-per-issue-on-write' ? methodScope(method) : ALL_OF_JIRA;
}

type Verdict = Omit<VendorFailure, 'vendor' | 'code'>;

function verdict(answer: Answer, method: JiraMethod, issueId: string | undefined): Verdict {
  const { status } = answer;
  const wait = retryAfterMs(answer.header('retry-after'), answer.header('date'));
  if (status === 429) {
    const scope = limited(answer, method, issueId);
    return { certainty: 'not_applied', fault: 'rate', retryAfterMs: Math.max(wait ?? NO_HEADER_MS, LEAST_MS), scope };
  }
  if (status === 503 && wait !== null) return { certainty: 'not_applied', fault: 'vendor', retryAfterMs: wait };
  // Wrong credentials or rights are the operator's to mend and say nothing about the row that met them.
  if (status === 401 || status === 403) return { certainty: 'not_applied', fault: 'vendor' };
  if (status >= 400 && status < 500) return { certainty: 'not_applied', fault: 'row' };
  return { certainty: 'unknown', fault: 'vendor' };
}

const HINTS: Readonly<Record<number, string>> = {
  401: 'the e-mail address or the API token is not accepted',
  403: 'the account may not do this',
  404: 'not found, or the account may not see it',
  429: 'the rate limit is reached',
};

/** An answer that is no success, classified; 2xx never comes here. The message is Jira's own, shortened. */
export function answerError(answer: Answer, method: JiraMethod, issueId: string | undefined): VendorError {
  const { status, body } = answer;
  const words = complaint(body) || HINTS[status] || (status < 400 ? 'a redirect is not followed' : 'no explanation');
  const message = `${method}: ${String(status)} ${words}`;
  return new VendorError(
    { vendor: 'jira', code: `http_${String(status)}`, ...verdict(answer, method, issueId) },
    message.length > MESSAGE ? `${message.slice(0, MESSAGE - 1)}…` : message,
  );
}
