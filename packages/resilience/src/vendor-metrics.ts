import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How a request that was really sent ended. Requests that the gate or the breaker held back are not external calls. */
export type Outcome = 'ok' | 'row' | 'vendor' | 'rate' | 'timeout' | 'aborted';

export interface VendorMetrics {
  readonly calls: Counter<'vendor' | 'method' | 'outcome'>;
  readonly duration: Histogram<'vendor' | 'method'>;
  /** 0 closed, 1 half open, 2 open. */
  readonly breaker: Gauge<'vendor'>;
}

const perRegistry = new WeakMap<Registry, VendorMetrics>();

/** The metrics of outside calls; vendors of one process share them. */
export function vendorMetrics(registry: Registry): VendorMetrics {
  const known = perRegistry.get(registry);
  if (known !== undefined) return known;
  const registers = [registry];
  const metrics: VendorMetrics = {
    calls: new Counter({
      name: 'external_calls_total',
      help: 'Requests sent to outside systems, by outcome.',
      labelNames: ['vendor', 'method', 'outcome'],
      registers,
    }),
    duration: new Histogram({
      name: 'external_call_duration_seconds',
      help: 'How long requests to outside systems took, waiting for a permit not included.',
      labelNames: ['vendor', 'method'],
      buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
      registers,
    }),
    breaker: new Gauge({
      name: 'circuit_breaker_state',
      help: 'State of the circuit breaker: 0 closed, 1 half open, 2 open.',
      labelNames: ['vendor'],
      registers,
    }),
  };
  perRegistry.set(registry, metrics);
  return metrics;
}
