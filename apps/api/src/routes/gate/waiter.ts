import type { Seen } from '@deptracker/store';

/** Node takes no longer timer; nobody waits that long anyway. */
const LONGEST_MS = 2_147_483_647;

/** One caller with the end of their patience. Whatever settles it frees its timers and takes it out of the room. */
export class Waiter {
  readonly answer: Promise<Seen | null>;
  /** The time is over: the next state that is seen is the answer. */
  over: boolean;
  /** A first state was seen and did not decide. */
  waits = false;
  #seen: Seen | null = null;
  #settled = false;
  #lapse: NodeJS.Timeout | undefined;
  readonly #patience: NodeJS.Timeout | undefined;
  readonly #resolve: (seen: Seen | null) => void;
  readonly #reject: (error: unknown) => void;
  readonly #leave: (waiter: Waiter) => void;

  constructor(readonly id: string, waitMs: number, signal: AbortSignal, leave: (waiter: Waiter) => void) {
    const { promise, resolve, reject } = withResolvers<Seen | null>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#leave = leave;
    this.over = waitMs <= 0;
    if (!this.over) this.#patience = setTimeout(() => this.giveUp(), waitMs);
    signal.addEventListener('abort', () => this.settle(this.#seen), { once: true });
  }

  /** Remembers what was seen and goes on waiting. A limit of time that passes in `lapsesInMs` is worth another look. */
  wait(seen: Seen, lapsesInMs: number | null, look: () => void): void {
    if (this.#settled) return;
    this.waits = true;
    this.#seen = seen;
    clearTimeout(this.#lapse);
    if (lapsesInMs !== null) this.#lapse = setTimeout(look, Math.min(Math.max(1, lapsesInMs), LONGEST_MS));
  }

  /** Answers with what was seen last; where nothing was, with the first that will be. */
  giveUp(): void {
    this.over = true;
    if (this.waits) this.settle(this.#seen);
  }

  settle(seen: Seen | null): void {
    if (this.#end()) this.#resolve(seen);
  }

  fail(error: unknown): void {
    if (this.#end()) this.#reject(error);
  }

  /** False where it has ended before. */
  #end(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#patience);
    clearTimeout(this.#lapse);
    this.#leave(this);
    return true;
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}
