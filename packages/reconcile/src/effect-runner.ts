import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@deptracker/runtime';
import type { EngineMetrics } from './engine-metrics.js';
import type { EngineOptions, RunResult } from './engine.js';
import { runEffect } from './run-effect.js';

export interface EffectRunner {
  /** Runs an effect, at most once at a time in this process, and tells logs and metrics how it went. */
  run(id: string, kind: string): Promise<RunResult>;
  /** Places that are taken: effects that run now, and those whose run rests after its end (`restMs`). */
  running(): number;
  isRunning(id: string): boolean;
  /** Milliseconds for which the longest of them has been running; 0 where none is. */
  longestMs(): number;
  /** When a run last came to its end. */
  lastProgressAt(): Date;
  /** Waits until nothing runs any more. */
  settle(): Promise<void>;
}

type Level = 'error' | 'warn' | 'info' | 'debug';

function levelOf({ outcome, error }: RunResult): Level {
  // A person has to look at what is dead or held; everything else mends itself.
  if (outcome === 'dead' || outcome === 'held') return 'error';
  if (outcome === 'postponed') return 'debug';
  return error === null ? 'info' : 'warn';
}

function report(logger: Logger, kind: string, outcome: RunResult, seconds: number): void {
  if (outcome.outcome === 'nothing') return;
  const { effect, error } = outcome;
  logger[levelOf(outcome)](`effect ${outcome.outcome}`, {
    kind: effect?.kind ?? kind,
    effect_id: effect?.id,
    deployment_id: effect?.deploymentId ?? undefined,
    project: effect?.project ?? undefined,
    environment: effect?.environment ?? undefined,
    duration_ms: Math.round(seconds * 1000),
    ...(error === null ? {} : { error }),
  });
}

/** Runs effects for one process, which has so many places. */
export function createEffectRunner(
  options: Omit<EngineOptions, 'mayLinger'> & { readonly concurrency: number },
  metrics: EngineMetrics,
  logger: Logger,
): EffectRunner {
  const running = new Map<string, { readonly promise: Promise<RunResult>; readonly since: number }>();
  const places = new Set<Promise<RunResult>>();
  const lingering = new Set<string>();
  const engine: EngineOptions = { ...options, mayLinger };
  let lastProgressAt = new Date();

  function mayLinger(id: string): boolean {
    if (lingering.has(id)) return true;
    if (lingering.size >= options.concurrency - 1) return false;
    lingering.add(id);
    return true;
  }

  async function start(id: string, kind: string): Promise<RunResult> {
    const startedAt = performance.now();
    const outcome = await runEffect(engine, id);
    const seconds = (performance.now() - startedAt) / 1000;
    const labels = { kind: outcome.effect?.kind ?? kind };
    metrics.runs.inc({ ...labels, outcome: outcome.outcome });
    metrics.seconds.observe(labels, seconds);
    report(logger, kind, outcome, seconds);
    lastProgressAt = new Date();
    return outcome;
  }

  /** Keeps the place a little longer, and nothing else: the effect itself may be run again meanwhile. */
  async function rested(run: Promise<RunResult>): Promise<RunResult> {
    const outcome = await run;
    if (outcome.restMs > 0) await delay(outcome.restMs, undefined, { signal: engine.signal }).catch(() => undefined);
    return outcome;
  }

  return {
    run: (id, kind) => {
      const mine = running.get(id);
      if (mine !== undefined) return mine.promise;
      const promise = start(id, kind).finally(() => running.delete(id));
      running.set(id, { promise, since: performance.now() });
      const place = rested(promise).finally(() => {
        places.delete(place);
        lingering.delete(id);
      });
      places.add(place);
      return place;
    },
    running: () => places.size,
    isRunning: (id) => running.has(id),
    // The first that began stands first.
    longestMs: () => performance.now() - ([...running.values()][0]?.since ?? performance.now()),
    lastProgressAt: () => lastProgressAt,
    settle: async () => {
      await Promise.allSettled(places);
    },
  };
}
