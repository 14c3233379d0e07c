/**
 * The share of a vendor's limit that we use. The gate spaces requests exactly, but they arrive with some jitter, and a
 * vendor that counts in a sliding window would see one too many now and then.
 */
export const HEADROOM = 0.98;

/** One limit that a request counts against. Without a rate it can only be blocked by a 429. */
export interface Scope {
  readonly name: string;
  readonly perMinute: number | null;
}

/** A place in the rate gate, reserved and waited for; good for one request. */
export interface Permit {
  readonly scopes: readonly Scope[];
  used: boolean;
}

/** No place within the time that was given for it. */
export interface Refused {
  /** Milliseconds until there is one. */
  readonly retryAfterMs: number;
  /** Whether every other request to this vendor would be refused too, and not only one of the same method or channel. */
  readonly forAll: boolean;
}

/** What every method of a vendor client takes besides its arguments. */
export interface CallOptions {
  /** Reserved before; without one the call waits for its own. */
  readonly permit?: Permit | undefined;
  /** How long the call may wait for a permit, in milliseconds; beyond it fails with fault `rate`. */
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** On the clock of `performance.now()`: what is not sent by then never is, whatever kept it. */
  readonly sendBefore?: number | undefined;
}

export interface VendorRequest<T> extends CallOptions {
  /** The name in metrics, e.g. `chat.postMessage`. */
  readonly method: string;
  /** Writes are never sent as a breaker's trial and never repeated; reads are repeated once. */
  readonly kind: 'read' | 'write';
  readonly scopes: readonly Scope[];
  readonly run: (signal: AbortSignal) => Promise<T>;
}

export interface VendorState {
  readonly breaker: 'closed' | 'open' | 'half_open';
  /** Milliseconds until an open breaker lets a trial through; 0 where it is not open. */
  readonly retryAfterMs: number;
}

/** One outside system with its rate gate, breaker, time-out and metrics; knows nothing of what is asked. */
export interface Vendor {
  /**
   * Waits for a place, at most `maxWaitMs`; otherwise says how long to stay away. Who reserves it only `aheadMs` before it
   * comes leaves it to the more urgent until then.
   */
  reserve(scopes: readonly Scope[], maxWaitMs: number, aheadMs?: number): Promise<Permit | Refused>;
  /** Runs one request; every failure is a VendorError. */
  request<T>(request: VendorRequest<T>): Promise<T>;
  state(): VendorState;
}
