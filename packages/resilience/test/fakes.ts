import type { Clock, RateGate } from '@deptracker/resilience';

/** A clock that stands still until somebody sleeps by it or moves it; sleeping takes no time. */
export function fakeClock(): Clock & { readonly sleeps: number[]; advance(ms: number): void } {
  let now = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    sleep: (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

/** Remembers what was logged, by level. */
export function fakeLogger(): { readonly lines: string[]; info(message: string): void; warn(message: string): void } {
  const lines: string[] = [];
  return {
    lines,
    info: (message) => {
      lines.push(`info ${message}`);
    },
    warn: (message) => {
      lines.push(`warn ${message}`);
    },
  };
}

/** Lets everything through until told otherwise, and remembers what it was asked. */
export function fakeGate(): RateGate & {
  readonly acquired: string[][];
  readonly blocks: { scope: string; ms: number }[];
  refuse(retryAfterMs: number | null): void;
} {
  const acquired: string[][] = [];
  const blocks: { scope: string; ms: number }[] = [];
  let refusal: number | null = null;
  return {
    acquired,
    blocks,
    refuse: (retryAfterMs) => {
      refusal = retryAfterMs;
    },
    acquire: (scopes, _maxWaitMs, signal) => {
      if (signal?.aborted === true) return Promise.reject(new DOMException('aborted', 'AbortError'));
      if (refusal !== null) return Promise.resolve({ ok: false as const, retryAfterMs: refusal, forAll: false });
      acquired.push(scopes.map(({ name }) => name));
      return Promise.resolve({ ok: true });
    },
    block: (scope, ms) => {
      blocks.push({ scope, ms });
      return Promise.resolve();
    },
  };
}
