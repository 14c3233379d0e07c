import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface EngineMetrics {
  readonly runs: Counter<'kind' | 'outcome'>;
  readonly seconds: Histogram<'kind'>;
  readonly waiting: Gauge<'queue'>;
  readonly direct: Gauge<'queue'>;
}

/** How effects are run: how often, with which outcome, how long, and how many jobs wait. */
export function engineMetrics(registry: Registry): EngineMetrics {
  const registers = [registry];
  return {
    runs: new Counter({ name: 'effects_total', help: 'Runs of effects by outcome', labelNames: ['kind', 'outcome'], registers }),
    seconds: new Histogram({
      name: 'effect_duration_seconds',
      help: 'Duration of a run, waiting for a permit included',
      labelNames: ['kind'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30],
      registers,
    }),
    waiting: new Gauge({ name: 'queue_waiting_jobs', help: 'Jobs that wait in Bull', labelNames: ['queue'], registers }),
    direct: new Gauge({
      name: 'queue_direct_mode',
      help: '1 while the worker runs effects itself because Redis is away',
      labelNames: ['queue'],
      registers,
    }),
  };
}
