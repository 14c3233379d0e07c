import { ConstantBackoff, TaskCancelledError, handleWhen, retry } from 'cockatiel';
import type { Registry } from 'prom-client';
import { type Breaker, type BreakerSettings, createBreaker, isBroken } from './breaker.js';
import type { GateLogger } from './gate-logger.js';
import type { RateGate } from './rate-gate.js';
import { send } from './send.js';
import { VendorError, type VendorName } from './vendor-error.js';
import { type VendorMetrics, vendorMetrics } from './vendor-metrics.js';
import type { Permit, Refused, Scope, Vendor, VendorRequest, VendorState } from './vendor.js';

export interface VendorOptions {
  readonly name: VendorName;
  readonly gate: RateGate;
  readonly breaker: BreakerSettings;
  /** The end of one HTTP request, in milliseconds. */
  readonly timeoutMs: number;
  /** One harmless read, sent as an open breaker's trial before a write. It must not use this vendor itself. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
  /** What the probe counts against in the gate. */
  readonly probeScopes: readonly Scope[];
  readonly metrics: Registry;
  readonly logger: GateLogger;
  /** The pause before a read's one repetition, in milliseconds. */
  readonly readRetryMs?: number;
}

/** How long a scope rests after a 429 that does not say. */
const DEFAULT_BLOCK_MS = 30_000;
/** Up to this share is added to a block, lest the whole fleet come back in the same instant. */
const BLOCK_JITTER = 0.1;
/** What is advised where nothing better is known. */
const SOON_MS = 1_000;
const STATE_VALUE = { closed: 0, half_open: 1, open: 2 } as const;

class GatedVendor implements Vendor {
  readonly #breaker: Breaker;
  readonly #metrics: VendorMetrics;
  readonly #readRetry;
  #trial: Promise<number> | null = null;

  constructor(private readonly options: VendorOptions) {
    const { name, logger } = options;
    this.#metrics = vendorMetrics(options.metrics);
    this.#metrics.breaker.set({ vendor: name }, STATE_VALUE.closed);
    this.#breaker = createBreaker(options.breaker, options.timeoutMs, isOutage, (state) => {
      this.#metrics.breaker.set({ vendor: name }, STATE_VALUE[state]);
      if (state === 'open') logger.warn('the circuit breaker has opened', { vendor: name });
      if (state === 'closed') logger.info('the circuit breaker has closed', { vendor: name });
    });
    this.#readRetry = retry(
      handleWhen((error) => this.#worthRepeating(error)),
      { maxAttempts: 1, backoff: new ConstantBackoff(options.readRetryMs ?? 200) },
    );
  }

  async reserve(scopes: readonly Scope[], maxWaitMs: number, aheadMs?: number): Promise<Permit | Refused> {
    const place = await this.options.gate.acquire(scopes, maxWaitMs, undefined, aheadMs);
    return place.ok ? { scopes, used: false } : { retryAfterMs: place.retryAfterMs, forAll: place.forAll };
  }

  state(): VendorState {
    return this.#breaker.state();
  }

  async request<T>(request: VendorRequest<T>): Promise<T> {
    if (request.kind === 'write') return await this.#write(request);
    return await this.#readRetry.execute(async ({ attempt }) => {
      await this.#admit(attempt === 0 ? request : { ...request, permit: undefined });
      return await this.#guarded(request);
    }, request.signal);
  }

  async #write<T>(request: VendorRequest<T>): Promise<T> {
    await this.#admit(request);
    if (this.state().breaker !== 'closed') {
      const retryAfterMs = await this.#tryOut(request.maxWaitMs);
      if (this.state().breaker !== 'closed') throw this.#broken(request.method, retryAfterMs);
    }
    return await this.#guarded(request);
  }

  /** Refuses at once where an open breaker is not due; otherwise takes the permit or waits for what it lacks. */
  async #admit<T>(request: VendorRequest<T>): Promise<void> {
    const { method, permit, maxWaitMs, signal } = request;
    if (permit?.used === true) throw new Error(`${this.options.name}: ${method} was given a permit that is used up`);
    if (this.state().retryAfterMs > 0) throw this.#broken(method);
    if (permit !== undefined) permit.used = true;
    const lacking = request.scopes.filter(({ name }) => permit?.scopes.some((scope) => scope.name === name) !== true);
    if (lacking.length === 0) return;
    const place = await this.options.gate.acquire(lacking, maxWaitMs, signal).catch(() => 'aborted' as const);
    if (place === 'aborted') throw this.#heldBack(`${method} was aborted while it waited`, 'aborted', 0);
    if (!place.ok) throw this.#heldBack(`${method} got no permit in time`, 'no_permit', place.retryAfterMs);
  }

  /** One probe for all that wait for one. Resolves to how long to stay away should the breaker not have closed. */
  async #tryOut(maxWaitMs: number): Promise<number> {
    const { probe: run, probeScopes: scopes } = this.options;
    this.#trial ??= this.request({ method: 'probe', kind: 'read', scopes, maxWaitMs, run })
      .then(
        () => 0,
        (error: unknown) => (error instanceof VendorError ? (error.failure.retryAfterMs ?? 0) : 0),
      )
      .finally(() => {
        this.#trial = null;
      });
    return await this.#trial;
  }

  async #guarded<T>(request: VendorRequest<T>): Promise<T> {
    try {
      const { name } = this.options;
      return await this.#breaker.execute((ended) => send(name, this.#metrics, request, ended), request.signal);
    } catch (error) {
      if (isBroken(error)) throw this.#broken(request.method);
      // Given up while another request was the trial.
      if (error instanceof TaskCancelledError) throw this.#heldBack(`${request.method} was aborted`, 'aborted', 0);
      throw await this.#heeded(error);
    }
  }

  /** A 429 blocks its scope in the gate before anybody hears of it. */
  async #heeded(error: unknown): Promise<unknown> {
    if (!(error instanceof VendorError) || error.failure.fault !== 'rate') return error;
    const { failure } = error;
    const retryAfterMs = failure.retryAfterMs ?? DEFAULT_BLOCK_MS;
    if (failure.scope !== undefined) {
      await this.options.gate.block(failure.scope, retryAfterMs * (1 + Math.random() * BLOCK_JITTER));
    }
    if (failure.retryAfterMs !== undefined) return error;
    return new VendorError({ ...failure, retryAfterMs }, error.message.slice(`${failure.vendor}: `.length));
  }

  /** Neither after a whole time-out, nor where the vendor named a later time, nor once the breaker has opened. */
  #worthRepeating(error: unknown): boolean {
    if (!(error instanceof VendorError) || this.state().breaker !== 'closed') return false;
    const { fault, code, retryAfterMs } = error.failure;
    return fault === 'vendor' && retryAfterMs === undefined && code !== 'timeout' && code !== 'aborted';
  }

  #broken(method: string, atLeastMs = 0): VendorError {
    const retryAfterMs = Math.max(this.state().retryAfterMs, atLeastMs) || SOON_MS;
    const { name: vendor } = this.options;
    return new VendorError(
      { vendor, certainty: 'not_applied', fault: 'breaker', code: 'breaker_open', retryAfterMs },
      `${method} was not sent, the circuit breaker is open`,
    );
  }

  #heldBack(message: string, code: string, retryAfterMs: number): VendorError {
    const { name: vendor } = this.options;
    return new VendorError({ vendor, certainty: 'not_applied', fault: 'rate', code, retryAfterMs }, message);
  }
}

/** An abort by the caller, or a request that came too late to be sent, says nothing of the vendor: a trial that it ended has proved nothing. */
function isOutage(error: unknown, trial: boolean): boolean {
  if (!(error instanceof VendorError)) return false;
  const { fault, code } = error.failure;
  return code === 'too_late' || code === 'aborted' ? trial : fault === 'vendor';
}

/**
 * An outside system behind its rate gate, circuit breaker (shared by all its requests), time-out and metrics. Reads
 * are repeated once after a short pause, with a permit of their own; writes never are, and never are a breaker's trial.
 */
export function createVendor(options: VendorOptions): Vendor {
  return new GatedVendor(options);
}
