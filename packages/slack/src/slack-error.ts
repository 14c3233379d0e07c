import { VendorError, type VendorFailure } from '@deptracker/resilience';
import type { ErrorCode } from '@slack/web-api';
import { platformVerdict } from './platform-errors.js';
import { type SlackMethod, methodScope } from './slack-scopes.js';

/** What came over the wire, noted where the client's own errors say less. */
export interface Seen {
  status: number | null;
  /** Seconds, from the header. */
  retryAfter: string | null;
  tooLarge: boolean;
}

type Verdict = Omit<VendorFailure, 'vendor'> & { readonly message: string };

/** How the client calls an answer that is not ok. */
const NOT_OK: `${ErrorCode.PlatformError}` = 'slack_webapi_platform_error';

/** No connection came about, so Slack cannot have seen the request. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
/** Codes that Slack gives for its own troubles; any other unknown code is more likely about the request. */
const ITS_OWN = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);
const WELL_FORMED = /^[a-z][a-z_]{2,60}$/;
const DAY_S = 86_400;
const EXPLANATION = 200;

type Dict = Readonly<Record<string, unknown>>;
const dict = (value: unknown): Dict => (typeof value === 'object' && value !== null ? (value as Dict) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Milliseconds, at least a second and at most a day; nothing where the header is absent or senseless. */
function retryAfter(header: string | null): { retryAfterMs?: number } {
  const seconds = Number.parseInt(header ?? '', 10);
  return Number.isNaN(seconds) ? {} : { retryAfterMs: Math.min(Math.max(seconds, 1), DAY_S) * 1000 };
}

/** The system's code, which fetch hides in the cause of a cause. */
function systemCode(error: unknown): string {
  const { code, cause } = dict(error);
  if (cause !== undefined) return systemCode(cause) || text(code);
  return text(code);
}

/** True where a signal ended the request, before its answer or in the middle of it. */
function wasEnded(error: unknown): boolean {
  const { name, cause } = dict(error);
  return name === 'TimeoutError' || name === 'AbortError' || (cause !== undefined && wasEnded(cause));
}

/** Slack's own words on what is wrong with the blocks or which scope is missing. */
function explanation(data: Dict): string {
  const { messages } = dict(data['response_metadata']);
  const words = [
    ...(Array.isArray(messages) ? messages.map(String) : []),
    ...(text(data['needed']) === '' ? [] : [`needed: ${text(data['needed'])}`]),
  ].join('; ');
  return words === '' ? '' : ` (${words.slice(0, EXPLANATION)})`;
}

function rate(method: SlackMethod, seen: Seen): Verdict {
  return {
    certainty: 'not_applied',
    fault: 'rate',
    code: 'http_429',
    scope: methodScope(method),
    message: 'the rate limit is reached',
    ...retryAfter(seen.retryAfter),
  };
}

function platform(method: SlackMethod, data: Dict, seen: Seen): Verdict {
  const code = text(data['error']);
  // An answer that is no JSON arrives here too, with the whole page for a code.
  if (!WELL_FORMED.test(code)) {
    return { certainty: 'unknown', fault: 'vendor', code: 'unparsable', message: 'the answer could not be understood' };
  }
  const verdict = platformVerdict(code);
  const message = `${code}${explanation(data)}`;
  if (verdict === 'rate') return { ...rate(method, seen), code, message };
  if (verdict === 'row') return { certainty: 'not_applied', fault: 'row', code, message };
  if (verdict === 'operator') return { certainty: 'not_applied', fault: 'vendor', code, message };
  return { certainty: 'unknown', fault: ITS_OWN.has(code) ? 'vendor' : 'row', code, message };
}

function network(error: unknown): Verdict {
  const code = systemCode(error);
  const shared = { fault: 'vendor', code: code.toLowerCase() || 'network' } as const;
  if (NEVER_SENT.has(code)) return { ...shared, certainty: 'not_applied', message: `not reachable (${code})` };
  if (RESET.has(code)) return { ...shared, certainty: 'unknown', code: 'reset', message: 'the connection was reset' };
  return { ...shared, certainty: 'unknown', message: `the request failed (${shared.code})` };
}

function verdictOn(method: SlackMethod, error: unknown, seen: Seen): Verdict {
  // By status, because a 429 without a usable Retry-After is an error without a code.
  if (seen.status === 429) return rate(method, seen);
  const { code, data } = dict(error);
  if (code === NOT_OK) return platform(method, dict(data), seen);
  if (seen.status !== null && seen.status !== 200) {
    const shared = { code: `http_${String(seen.status)}`, message: `HTTP ${String(seen.status)}` };
    return { ...shared, certainty: 'unknown', fault: 'vendor', ...retryAfter(seen.retryAfter) };
  }
  if (error instanceof Unparsable) {
    return { certainty: 'unknown', fault: 'vendor', code: 'unparsable', message: error.message };
  }
  if (seen.tooLarge) return { certainty: 'unknown', fault: 'vendor', code: 'unparsable', message: 'the answer is too large' };
  if (wasEnded(error)) {
    return { certainty: 'unknown', fault: 'vendor', code: 'timeout', message: 'no answer in time' };
  }
  return network(error);
}

/** An answer that says ok but lacks what it promises. */
export class Unparsable extends Error {
  override readonly name = 'Unparsable';
}

/**
 * Whatever the client threw, classified. Only a known platform error, a 429 or a refused connection is surely not
 * applied. The original is left behind: it may carry a page, headers or the token.
 */
export function slackError(method: SlackMethod, error: unknown, seen: Seen): VendorError {
  const { message, ...failure } = verdictOn(method, error, seen);
  return new VendorError({ vendor: 'slack', ...failure }, `${method}: ${message}`);
}
