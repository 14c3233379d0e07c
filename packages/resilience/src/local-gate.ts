import type { Scope } from './vendor.js';

/** A place in the gate, `waitMs` from now; or none, and how long until one would be free. */
export interface Reservation {
  readonly granted: boolean;
  readonly waitMs: number;
  /** How long it would be in the first scope alone, against which every request counts; 0 where a place is granted. */
  readonly firstMs: number;
}

/** From its first place to its last; no other fits in between. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

interface ScopeState {
  /** The places that are given away, in order, as far as they still matter. */
  busy: readonly Stretch[];
  /** When the last of them no longer holds anybody up. */
  busyUntil: number;
  blockedUntil: number;
}

/** Past this many remembered scopes (one per channel, issue …) those that no longer hold anything are forgotten. */
const SWEEP_ABOVE = 500;

/** The first moment from `at` on that keeps the interval to every place given away before or after it. */
function firstFit(busy: readonly Stretch[], interval: number, at: number): number {
  return busy.reduce((t, { from, to }) => (to + interval > t && t + interval > from ? to + interval : t), at);
}

/** Adds a place. What lies too close together for another in between becomes one stretch; what is over goes. */
function occupy(busy: readonly Stretch[], interval: number, at: number, now: number): readonly Stretch[] {
  const due = busy.filter(({ to }) => to + interval > now);
  const earlier = due.filter(({ to }) => to + 2 * interval <= at);
  const later = due.filter(({ from }) => at + 2 * interval <= from);
  const joined = due.slice(earlier.length, due.length - later.length);
  const from = Math.min(at, joined[0]?.from ?? at);
  const to = Math.max(at, joined.at(-1)?.to ?? at);
  return [...earlier, { from, to }, ...later];
}

/**
 * The rate gate of a single process: what counts while Redis is away. In every scope the starts keep at least one
 * interval between each other, so never more than rate + 1 lie in any minute. For one scope that is the generic cell
 * rate algorithm with a burst of one. With several a single arrival time each would not do: one request that waits for
 * its narrow scope would push the broad one ahead too, and all others behind itself; so the gaps before places that
 * are given away stay open. Times are milliseconds of whichever clock the caller uses.
 */
export class LocalGate {
  readonly #scopes = new Map<string, ScopeState>();

  /** `share` is how much of each limit belongs to this process, 0 to 1. */
  constructor(private readonly share: number) {}

  /** Reserves the same place in all scopes, or none where it would lie further than `maxWaitMs` ahead. */
  reserve(scopes: readonly Scope[], maxWaitMs: number, now: number): Reservation {
    const at = this.#earliest(scopes, now);
    const waitMs = at - now;
    if (waitMs > maxWaitMs) return { granted: false, waitMs, firstMs: this.#earliest(scopes.slice(0, 1), now) - now };
    this.observe(scopes, at, now);
    return { granted: true, waitMs, firstMs: 0 };
  }

  /** Notes a request that starts at `at`, wherever its permit came from. */
  observe(scopes: readonly Scope[], at: number, now: number): void {
    for (const { name, perMinute } of scopes) {
      if (perMinute === null) continue;
      const state = this.#state(name);
      const interval = this.#interval(perMinute);
      state.busy = occupy(state.busy, interval, at, now);
      state.busyUntil = Math.max(state.busyUntil, at + interval);
    }
    this.#sweep(now);
  }

  /** Holds a scope until `until`; what stands is never moved earlier. */
  block(name: string, until: number): void {
    const state = this.#state(name);
    state.blockedUntil = Math.max(state.blockedUntil, until);
  }

  /** Milliseconds for which the scope is still blocked; 0 where it is not. */
  blockedFor(name: string, now: number): number {
    return Math.max(0, (this.#scopes.get(name)?.blockedUntil ?? now) - now);
  }

  #earliest(scopes: readonly Scope[], now: number): number {
    let at = scopes.reduce((t, { name }) => Math.max(t, this.#scopes.get(name)?.blockedUntil ?? t), now);
    // What one scope moves may no longer suit another; each turn moves it later, past places that are given away.
    for (let before = Number.NaN; before !== at; ) {
      before = at;
      for (const { name, perMinute } of scopes) {
        if (perMinute !== null) at = firstFit(this.#scopes.get(name)?.busy ?? [], this.#interval(perMinute), at);
      }
    }
    return at;
  }

  #interval(perMinute: number): number {
    return 60_000 / (perMinute * this.share);
  }

  #state(name: string): ScopeState {
    const known = this.#scopes.get(name);
    if (known !== undefined) return known;
    const fresh = { busy: [], busyUntil: Number.NEGATIVE_INFINITY, blockedUntil: Number.NEGATIVE_INFINITY };
    this.#scopes.set(name, fresh);
    return fresh;
  }

  #sweep(now: number): void {
    if (this.#scopes.size <= SWEEP_ABOVE) return;
    for (const [name, { busyUntil, blockedUntil }] of this.#scopes) {
      if (busyUntil <= now && blockedUntil <= now) this.#scopes.delete(name);
    }
  }
}
