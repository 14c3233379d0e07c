import { TimeoutStrategy, timeout } from 'cockatiel';
import type { Registry } from 'prom-client';
import { send } from './send.js';
import type { VendorName } from './vendor-error.js';
import { vendorMetrics } from './vendor-metrics.js';
import type { Vendor } from './vendor.js';

export interface DirectVendorOptions {
  readonly name: VendorName;
  /** The end of one HTTP request, in milliseconds. */
  readonly timeoutMs: number;
  readonly metrics: Registry;
}

/**
 * A vendor for interactive answers that are best effort: a time-out and metrics, but no gate (it would make a person
 * wait), no breaker and no repetition.
 */
export function createDirectVendor({ name, timeoutMs, metrics: registry }: DirectVendorOptions): Vendor {
  const metrics = vendorMetrics(registry);
  const policy = timeout(timeoutMs, TimeoutStrategy.Cooperative);
  return {
    reserve: (scopes) => Promise.resolve({ scopes, used: false }),
    request: (request) => policy.execute(({ signal }) => send(name, metrics, request, signal), request.signal),
    state: () => ({ breaker: 'closed', retryAfterMs: 0 }),
  };
}
