import type { Logger, Metrics } from '@deptracker/runtime';
import { type Database, SLA_METRICS, type SlaFigures, type SlaTargets, readSlaFigures } from '@deptracker/store';

export interface SlaGaugesOptions {
  readonly database: Database;
  readonly metrics: Metrics;
  /** Seconds. */
  readonly targets: SlaTargets;
  readonly lookbackMs: number;
  readonly logger: Logger;
}

const CACHE_MS = 10_000;
const LABELS = ['metric', 'project', 'environment'] as const;

/** Reads the figures at most once per `CACHE_MS`; while Postgres is away the last ones are shown. */
function createReader({ database, lookbackMs, logger }: SlaGaugesOptions): () => Promise<readonly SlaFigures[]> {
  let last: readonly SlaFigures[] = [];
  let freshUntil = -Infinity;
  let reading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    try {
      last = await readSlaFigures(database, lookbackMs);
    } catch (error) {
      logger.debug('SLA figures not read', { error });
    }
    freshUntil = performance.now() + CACHE_MS;
    reading = null;
  };
  return async () => {
    if (performance.now() >= freshUntil) {
      reading ??= read();
      await reading;
    }
    return last;
  };
}

/** Shows what the SLA windows measured. Every replica shows the same, from Postgres: take `max`, not `sum`, over them. */
export function registerSlaGauges(options: SlaGaugesOptions): void {
  const { metrics, targets } = options;
  const read = createReader(options);
  metrics.gauge({
    name: 'sla_duration_seconds',
    help:
      'Time from creation to ticket, message and decision, and from start to end of a rollout (completion). p50 and p95 ' +
      'are of the latest window with samples, since percentiles cannot be merged; average and max are over SLA_LOOKBACK.',
    labelNames: [...LABELS, 'stat'],
    async collect() {
      const figures = await read();
      this.reset();
      for (const { metric, project, environment, p50, p95, average, max } of figures) {
        for (const [stat, value] of Object.entries({ p50, p95, average, max })) {
          this.set({ metric, project, environment, stat }, value);
        }
      }
    },
  });
  metrics.gauge({
    name: 'sla_within_target_ratio',
    help: 'Share of the samples of SLA_LOOKBACK that kept the target of their time, 0 to 1.',
    labelNames: LABELS,
    async collect() {
      const figures = await read();
      this.reset();
      for (const { metric, project, environment, samples, withinTarget } of figures) {
        this.set({ metric, project, environment }, withinTarget / samples);
      }
    },
  });
  metrics.gauge({
    name: 'sla_samples',
    help: 'Milestones measured in the windows that ended within SLA_LOOKBACK.',
    labelNames: LABELS,
    async collect() {
      const figures = await read();
      this.reset();
      for (const { metric, project, environment, samples } of figures) this.set({ metric, project, environment }, samples);
    },
  });
  const target = metrics.gauge({
    name: 'sla_target_seconds',
    help: 'The target by which each metric is measured from now on.',
    labelNames: ['metric'],
  });
  for (const metric of SLA_METRICS) target.set({ metric }, targets[metric]);
}
