import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@deptracker/runtime';
import type { EngineMetrics } from './engine-metrics.js';
import { type EngineOptions, type RunResult, result } from './engine.js';
import { runEffect } from './run-effect.js';

export interface EffectRunner {
  /**
   * Runs an effect, at most once at a time in this process, and tells logs and metrics how it went; `nothing` where it runs
   * already, which then runs once more.
   */
  run(id: string, kind: string): Promise<RunResult>;
  /** Places that are taken: effects that run now, and those whose run rests after its end (`restMs`). */
  running(): number;
  isRunning(id: string): boolean;
  /** Milliseconds for which the longest of them has been running; 0 where none is. */
  longestMs(): number;
  /** When a run last came to its end. */
  lastProgressAt(): Date;
  /** Waits until nothing runs any more, and lets nothing run once more. */
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

/** What an earlier and a later run of one effect came to: mostly the later one has found nothing to do any more. */
function joined(earlier: RunResult, later: RunResult | null): RunResult {
  if (later === null) return earlier;
  const told = later.outcome === 'nothing' ? earlier : later;
  return { ...told, again: [...earlier.again, ...later.again], restMs: Math.max(earlier.restMs, later.restMs) };
}

/** Runs effects for one process, which has so many places. */
export function createEffectRunner(
  options: Omit<EngineOptions, 'mayLinger'> & { readonly concurrency: number },
  metrics: EngineMetrics,
  logger: Logger,
): EffectRunner {
  /** Since when. */
  const running = new Map<string, number>();
  /** Those of them that were asked for meanwhile. */
  const wanted = new Set<string>();
  const places = new Set<Promise<RunResult>>();
  const most = Math.max(1, options.concurrency - 1);
  let lingering = 0;
  let ending = false;
  let lastProgressAt = new Date();

  async function start(id: string, kind: string, mayLinger: EngineOptions['mayLinger']): Promise<RunResult> {
    const startedAt = performance.now();
    const outcome = await runEffect({ ...options, mayLinger }, id);
    const seconds = (performance.now() - startedAt) / 1000;
    const labels = { kind: outcome.effect?.kind ?? kind };
    metrics.runs.inc({ ...labels, outcome: outcome.outcome });
    metrics.seconds.observe(labels, seconds);
    report(logger, kind, outcome, seconds);
    lastProgressAt = new Date();
    return outcome;
  }

  /** What a run came to; null where it failed and the effect is to be run once more anyway. */
  async function attempt(id: string, kind: string, mayLinger: EngineOptions['mayLinger']): Promise<RunResult | null> {
    try {
      return await start(id, kind, mayLinger);
    } catch (error) {
      if (!wanted.has(id)) throw error;
      logger.warn('effect not run', { effect_id: id, error: String(error) });
      return null;
    }
  }

  /**
   * Runs it until nobody has asked for it meanwhile. A run sees what was new when it claimed its effect, and records that it is
   * due again; what came after its last commit only its successor sees, and nobody else might come for half a minute.
   */
  async function untilUnwanted(id: string, kind: string, mayLinger: EngineOptions['mayLinger']): Promise<RunResult> {
    let sum = result('nothing');
    try {
      for (;;) {
        sum = joined(sum, await attempt(id, kind, mayLinger));
        if (!wanted.delete(id) || ending || options.signal.aborted) return sum;
        // The longest is the first.
        running.delete(id);
        running.set(id, performance.now());
      }
    } finally {
      running.delete(id);
      wanted.delete(id);
    }
  }

  /** Keeps the place a little longer, and nothing else: the effect itself may be run again meanwhile. */
  async function rested(run: Promise<RunResult>): Promise<RunResult> {
    const outcome = await run;
    if (outcome.restMs > 0) await delay(outcome.restMs, undefined, { signal: options.signal }).catch(() => undefined);
    return outcome;
  }

  return {
    run: (id, kind) => {
      if (running.has(id)) {
        wanted.add(id);
        return Promise.resolve(result('nothing'));
      }
      let lingers = false;
      const mayLinger = (): boolean => {
        if (!lingers && lingering < most) {
          lingers = true;
          lingering += 1;
        }
        return lingers;
      };
      running.set(id, performance.now());
      const place = rested(untilUnwanted(id, kind, mayLinger)).finally(() => {
        places.delete(place);
        if (lingers) lingering -= 1;
      });
      places.add(place);
      return place;
    },
    running: () => places.size,
    isRunning: (id) => running.has(id),
    // The first that began stands first.
    longestMs: () => performance.now() - ([...running.values()][0] ?? performance.now()),
    lastProgressAt: () => lastProgressAt,
    settle: async () => {
      ending = true;
      await Promise.allSettled(places);
    },
  };
}
