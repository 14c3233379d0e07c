import { NO_TALLY, type Tally, addTallies, changeFailureRate, percentileMs, successRate } from '@deptracker/domain';
import { type Backlog, type DurationRow, EFFECT_TARGETS, type Grain, type Running, type Stats } from '@deptracker/store';
import { iso } from '../../http/iso.js';
import { GRAIN_MS, type Span } from './span.js';

const DAY_MS = 86_400_000;

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms) / 1000);

function presentDurations(rows: readonly DurationRow[], metric: DurationRow['metric']): object {
  const mine = rows.filter((row) => row.metric === metric);
  const samples = mine.reduce((sum, row) => sum + row.samples, 0);
  const sumMs = mine.reduce((sum, row) => sum + row.sumMs, 0);
  return {
    samples,
    average: seconds(samples === 0 ? null : sumMs / samples),
    p50: seconds(percentileMs(mine, 0.5)),
    p95: seconds(percentileMs(mine, 0.95)),
  };
}

function presentFigures(tally: Tally, durations: readonly DurationRow[]): object {
  return {
    created: tally.created,
    approved: tally.approved,
    rejected: tally.rejected,
    expired: tally.expired,
    started: tally.started,
    succeeded: tally.succeeded,
    failed: tally.failed,
    timedOut: tally.timedOut,
    cancelled: tally.cancelled,
    rolledBack: tally.rolledBack,
    successRate: successRate(tally),
    changeFailureRate: changeFailureRate(tally),
    approvalWait: presentDurations(durations, 'approval_wait'),
    rolloutDuration: presentDurations(durations, 'rollout'),
  };
}

function groupByTime(rows: readonly DurationRow[]): Map<number, DurationRow[]> {
  const groups = new Map<number, DurationRow[]>();
  for (const row of rows) {
    const group = groups.get(row.at.getTime());
    if (group === undefined) groups.set(row.at.getTime(), [row]);
    else group.push(row);
  }
  return groups;
}

interface Told {
  readonly span: Span;
  readonly interval: Grain;
  readonly stats: Stats;
  readonly freshAsOf: Date | null;
}

/** The figures of a span, in all and hour by hour or day by day, those included in which nothing happened. */
export function presentStats({ span, interval, stats, freshAsOf }: Told): object {
  const { from, to } = span;
  const tallies = new Map(stats.tallies.map((one) => [one.at.getTime(), one]));
  const durations = groupByTime(stats.durations);
  const count = (to.getTime() - from.getTime()) / GRAIN_MS[interval];
  const times = Array.from({ length: count }, (_, index) => from.getTime() + index * GRAIN_MS[interval]);
  const total = stats.tallies.reduce(addTallies, NO_TALLY);
  const passedMs = Math.min(to.getTime(), freshAsOf?.getTime() ?? -Infinity) - from.getTime();
  return {
    from: iso(from),
    to: iso(to),
    interval,
    totals: {
      ...presentFigures(total, stats.durations),
      deploymentsPerDay: passedMs > 0 ? total.succeeded / (passedMs / DAY_MS) : null,
    },
    series: times.map((at) => ({
      at: iso(new Date(at)),
      ...presentFigures(tallies.get(at) ?? NO_TALLY, durations.get(at) ?? []),
    })),
    freshAsOf: iso(freshAsOf),
  };
}

/** What runs in an environment. */
export function presentRunning(environment: string, { running, total }: { readonly running: readonly Running[]; readonly total: number }): object {
  return {
    environment,
    projects: running.map(({ project, version, id, requestedBy, finishedAt }) => ({
      project,
      version,
      deploymentId: id,
      requestedBy,
      succeededAt: iso(finishedAt),
    })),
    total,
  };
}

/** What is owed to each target now. */
export function presentQueue(backlog: readonly Backlog[]): object {
  const targets = EFFECT_TARGETS.map((target) => {
    const mine = backlog.filter((row) => row.target === target);
    const sum = (pick: (row: Backlog) => number, ...phases: Backlog['phase'][]): number =>
      mine.reduce((all, row) => (phases.includes(row.phase) ? all + pick(row) : all), 0);
    const oldest = (pick: (row: Backlog) => number): number => Math.max(0, ...mine.map(pick));
    return {
      target,
      due: sum(({ due }) => due, 'unsent', 'sent'),
      waiting: sum(({ count, due }) => count - due, 'unsent', 'sent'),
      unknown: sum(({ count }) => count, 'sending', 'unknown'),
      failing: sum(({ failing }) => failing, 'unsent', 'sending', 'sent', 'unknown'),
      held: sum(({ count }) => count, 'held'),
      dead: sum(({ count }) => count, 'dead'),
      oldestDueSeconds: oldest(({ oldestDueSeconds }) => oldestDueSeconds),
      oldestFailingSeconds: oldest(({ oldestFailingSeconds }) => oldestFailingSeconds),
    };
  });
  return { targets };
}
