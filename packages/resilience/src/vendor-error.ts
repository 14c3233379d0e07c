/** The outside systems that have a client. */
export type VendorName = 'jira' | 'slack';

/**
 * Whose fault a failure is. `row`: this request will never work as it is (4xx, a known platform error) and uses up an
 * attempt. `vendor`: an outage (5xx, time-out, connection). `rate`: a 429, or no permit in time. `breaker`: it is open.
 */
export type Fault = 'row' | 'vendor' | 'rate' | 'breaker';

export interface VendorFailure {
  readonly vendor: VendorName;
  /** `unknown` where a request that creates may have been applied although its answer is lost. */
  readonly certainty: 'not_applied' | 'unknown';
  readonly fault: Fault;
  /** Short and stable, e.g. `http_400`, `not_in_channel`, `timeout`, `reset`. */
  readonly code: string;
  /** Milliseconds until it makes sense to try again, where the vendor or the gate said so. */
  readonly retryAfterMs?: number;
  /** The rate gate's scope that a 429 blocks. */
  readonly scope?: string;
}

/** A failed call to a vendor, classified. The message starts with the vendor's name and holds no secret. */
export class VendorError extends Error {
  override readonly name = 'VendorError';

  constructor(
    readonly failure: VendorFailure,
    message: string,
  ) {
    super(`${failure.vendor}: ${message}`);
  }
}
