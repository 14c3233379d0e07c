import {
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
  collectDefaultMetrics,
} from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** A process's metrics. A name asked for again gives the metric that has it already. */
export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = never>(options: CounterConfiguration<L>): Counter<L>;
  gauge<L extends string = never>(options: GaugeConfiguration<L>): Gauge<L>;
  histogram<L extends string = never>(options: HistogramConfiguration<L>): Histogram<L>;
}

/** Creates a registry of its own with Node's process metrics and `deptracker_info{service}`. */
export function createMetrics({ service }: { readonly service: string }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const once = <M>(name: string, create: () => M): M => (registry.getSingleMetric(name) as M | undefined) ?? create();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'deptracker_info',
    help: 'Always 1; says which process this is.',
    labelNames: ['service'],
    registers,
  })
    .labels(service)
    .set(1);
  return {
    registry,
    counter: (options) => once(options.name, () => new Counter({ ...options, registers })),
    gauge: (options) => once(options.name, () => new Gauge({ ...options, registers })),
    histogram: (options) => once(options.name, () => new Histogram({ ...options, registers })),
  };
}
