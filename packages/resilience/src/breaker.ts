import {
  BrokenCircuitError,
  CircuitState,
  type IPolicy,
  SamplingBreaker,
  TimeoutStrategy,
  circuitBreaker,
  handleWhen,
  timeout,
  wrap,
} from 'cockatiel';
import type { VendorState } from './vendor.js';

export interface BreakerSettings {
  /** The window over which failures are counted, in milliseconds. */
  readonly intervalMs: number;
  /** It never opens before it has seen so many requests. */
  readonly leastSample: number;
  /** How long it stays open before one request is let through as a trial, in milliseconds. */
  readonly openMs: number;
}

export interface Breaker {
  state(): VendorState;
  /** Runs within the time-out; rejects with a BrokenCircuitError while open. */
  execute<T>(run: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

const NAMES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
} as const;

export const isBroken = (error: unknown): boolean => error instanceof BrokenCircuitError;

/**
 * Opens when more than half of the requests of the window failed in the sense of `isOutage`, and ends each request
 * after `timeoutMs` through its signal.
 */
export function createBreaker(
  settings: BreakerSettings,
  timeoutMs: number,
  isOutage: (error: unknown, trial: boolean) => boolean,
  onChange: (state: VendorState['breaker']) => void,
): Breaker {
  let openedAt = 0;
  // Half a request less, because a product of fractions may come out a hair above the whole number.
  const minimumRps = (settings.leastSample - 0.5) / (settings.intervalMs / 1000);
  const sampling = new SamplingBreaker({ threshold: 0.5, duration: settings.intervalMs, minimumRps });
  const breaker = circuitBreaker(
    handleWhen((error) => isOutage(error, breaker.state !== CircuitState.Closed)),
    { halfOpenAfter: settings.openMs, breaker: sampling },
  );
  breaker.onStateChange((state) => {
    if (state === CircuitState.Open) openedAt = Date.now();
    onChange(NAMES[state]);
  });
  // An end after the answer would end nothing, and costs an error with its trace for each request.
  const policy: IPolicy = wrap(breaker, timeout(timeoutMs, { strategy: TimeoutStrategy.Cooperative, abortOnReturn: false }));
  return {
    state: () => ({
      breaker: NAMES[breaker.state],
      retryAfterMs:
        breaker.state === CircuitState.Open ? Math.max(0, openedAt + settings.openMs - Date.now()) : 0,
    }),
    execute: (run, signal) => policy.execute((context) => run(context.signal), signal),
  };
}
