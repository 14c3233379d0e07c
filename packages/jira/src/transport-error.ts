import { VendorError, type VendorFailure } from '@deptracker/resilience';
import type { JiraMethod } from './jira-scopes.js';
import { Unparsable } from './parse.js';

interface SystemError {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;
const TIMED_OUT = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED', 'ABORT_ERR']);

const nested = (error: SystemError): SystemError[] =>
  (Array.isArray(error.errors) ? error.errors : [error.cause]).filter(
    (one): one is SystemError => typeof one === 'object' && one !== null,
  );

/** True where no connection came about, so that Jira cannot have seen the request; anything later may have arrived. */
function neverSent(error: SystemError): boolean {
  const code = typeof error.code === 'string' ? error.code : '';
  if (NEVER_SENT.has(code) || BAD_CERTIFICATE.test(code) || error.syscall === 'connect') return true;
  const inner = nested(error);
  return inner.length > 0 && inner.every(neverSent);
}

function codeOf(error: SystemError): string {
  if (typeof error.code === 'string') return error.code;
  const inner = nested(error)[0];
  return inner === undefined ? 'network' : codeOf(inner);
}

function failure(error: unknown, aborted: boolean): Omit<VendorFailure, 'vendor' | 'fault'> {
  if (error instanceof Unparsable) return { certainty: 'unknown', code: 'unparsable' };
  if (aborted) return { certainty: 'unknown', code: 'timeout' };
  const system = (typeof error === 'object' && error !== null ? error : {}) as SystemError;
  const code = codeOf(system);
  if (neverSent(system)) return { certainty: 'not_applied', code: code.toLowerCase() };
  if (TIMED_OUT.has(code)) return { certainty: 'unknown', code: 'timeout' };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { certainty: 'unknown', code: 'reset' };
  return { certainty: 'unknown', code: code.toLowerCase() };
}

/**
 * A request without a usable answer, classified. The original error is left behind, because the HTTP client's errors
 * carry the request with its credentials.
 */
export function transportError(error: unknown, method: JiraMethod, aborted: boolean): VendorError {
  const known = failure(error, aborted);
  const why = error instanceof Unparsable ? `the answer could not be understood: ${error.message}` : known.code;
  return new VendorError({ vendor: 'jira', fault: 'vendor', ...known }, `${method}: ${why}`);
}
