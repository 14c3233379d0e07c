import type { Redis } from 'ioredis';
import { bounded } from './bounded.js';
import { type Clock, monotonicClock } from './clock.js';
import { LocalGate, type Reservation } from './local-gate.js';
import type { GateLogger } from './gate-logger.js';
import { blockShared, reserveShared } from './shared-gate.js';
import type { Refused, Scope } from './vendor.js';

export interface RateGate {
  /**
   * Reserves a place in every scope, the same moment in all, and waits for it; what waits for one scope holds nobody
   * back in another. Where the place would lie further ahead than `maxWaitMs` nothing is reserved and the answer says
   * when one would be free; the first scope is the one against which all requests count. A place further ahead than
   * `aheadMs` is waited for without being reserved: who is more urgent may take it. Rejects only with an AbortError,
   * when the signal is aborted.
   */
  acquire(
    scopes: readonly Scope[],
    maxWaitMs: number,
    signal?: AbortSignal,
    aheadMs?: number,
  ): Promise<{ readonly ok: true } | ({ readonly ok: false } & Refused)>;
  /** Lets nothing through in this scope for `ms`, in the whole fleet; what stands is never moved earlier. */
  block(scope: string, ms: number): Promise<void>;
}

export interface RateGateOptions {
  /** Separates the gates of different systems in one Redis, e.g. `slack`. */
  readonly name: string;
  /** First part of every key. */
  readonly prefix?: string;
  /** Asked at each use, so that it may come and go. */
  readonly redis: () => Redis | null;
  /** How many processes may share the limits while Redis is away. */
  readonly maxReplicas: number;
  readonly logger: GateLogger;
  readonly clock?: Clock;
}

/** The longest that one acquisition waits for Redis' answer. */
const REDIS_PATIENCE_MS = 250;
/** After Redis failed it is left alone for so long, lest every request wait for it. */
const REDIS_REST_MS = 5_000;
/** By so much a place that was too far ahead has come nearer than it need be, when it is looked at again. */
const NEXT_LOOK_MS = 5;

class SharedRateGate implements RateGate {
  readonly #local: LocalGate;
  readonly #clock: Clock;
  #restUntil = Number.NEGATIVE_INFINITY;
  #alone = false;

  constructor(private readonly options: RateGateOptions) {
    this.#clock = options.clock ?? monotonicClock;
    this.#local = new LocalGate(1 / Math.max(1, options.maxReplicas));
  }

  async acquire(scopes: readonly Scope[], maxWaitMs: number, signal?: AbortSignal, aheadMs = maxWaitMs): ReturnType<RateGate['acquire']> {
    const end = this.#clock.now() + maxWaitMs;
    for (;;) {
      signal?.throwIfAborted();
      const left = Math.max(0, end - this.#clock.now());
      const ahead = Math.min(aheadMs, left);
      const { granted, waitMs, firstMs } = (await this.#shared(scopes, ahead)) ?? this.#own(scopes, ahead);
      if (!granted && waitMs > left) return { ok: false, retryAfterMs: Math.ceil(waitMs), forAll: firstMs > left };
      const pauseMs = granted ? waitMs : waitMs - ahead + NEXT_LOOK_MS;
      if (pauseMs > 0) await this.#clock.sleep(pauseMs, signal);
      if (granted) return { ok: true };
    }
  }

  async block(scope: string, ms: number): Promise<void> {
    if (!(ms > 0)) return;
    this.#local.block(scope, this.#clock.now() + ms);
    await this.#ask((redis) => blockShared(redis, this.#keys(scope).blocked, ms));
  }

  /** The fleet's answer, or null while Redis cannot give one. */
  async #shared(scopes: readonly Scope[], maxWaitMs: number): Promise<Reservation | null> {
    const place = await this.#ask((redis) =>
      reserveShared(
        redis,
        (scope) => this.#keys(scope),
        scopes,
        maxWaitMs,
        (scope) => this.#local.blockedFor(scope, this.#clock.now()),
      ),
    );
    // Noted so that a process that loses Redis right after a request keeps the distance to the next.
    const now = this.#clock.now();
    if (place?.granted === true) this.#local.observe(scopes, now + place.waitMs, now);
    return place;
  }

  #own(scopes: readonly Scope[], maxWaitMs: number): Reservation {
    return this.#local.reserve(scopes, maxWaitMs, this.#clock.now());
  }

  async #ask<T>(command: (redis: Redis) => Promise<T>): Promise<T | null> {
    if (this.#clock.now() < this.#restUntil) return null;
    const redis = this.options.redis();
    if (redis?.status !== 'ready') return this.#withdraw('not connected', false);
    try {
      const answer = await bounded(command(redis), REDIS_PATIENCE_MS);
      this.#rejoin();
      return answer;
    } catch (error) {
      return this.#withdraw(error instanceof Error ? error.message : String(error), true);
    }
  }

  #withdraw(reason: string, rest: boolean): null {
    if (rest) this.#restUntil = this.#clock.now() + REDIS_REST_MS;
    if (!this.#alone) {
      this.#alone = true;
      const { name, maxReplicas } = this.options;
      const fields = { gate: name, maxReplicas, reason };
      this.options.logger.warn('rate gate: Redis is away, keeping to an own share of the limit', fields);
    }
    return null;
  }

  #rejoin(): void {
    if (!this.#alone) return;
    this.#alone = false;
    this.options.logger.info('rate gate: Redis is back, sharing the limits again', { gate: this.options.name });
  }

  #keys(scope: string): { busy: string; blocked: string } {
    // The braces keep all keys of one gate on one node of a Redis Cluster: a script may touch no more.
    const base = `${this.options.prefix ?? 'deptracker'}:gate:{${this.options.name}}:${scope}`;
    return { busy: `${base}:busy`, blocked: `${base}:blocked` };
  }
}

/**
 * The limit on requests to one outside system, kept by the whole fleet through Redis: one permit per HTTP request, no
 * bursts. While Redis is away each process takes its own share, the limit divided by `maxReplicas`.
 */
export function createRateGate(options: RateGateOptions): RateGate {
  return new SharedRateGate(options);
}
