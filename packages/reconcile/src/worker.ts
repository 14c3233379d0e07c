import { setMaxListeners } from 'node:events';
import type { Queue } from 'bull';
import type { Registry } from 'prom-client';
import { type Logger, failpoint } from '@deptracker/runtime';
import { type QueuedEffect, gatherEffects, hasOverdue, listDue, takeUnqueued } from '@deptracker/store';
import { bounded } from './bounded.js';
import { startLoop } from './loop.js';
import { createEffectRunner } from './effect-runner.js';
import { engineMetrics } from './engine-metrics.js';
import { type EffectJob, WINDOW_TTL_S, addEffects, createQueue, windowKey } from './queue.js';
import type { EngineOptions } from './engine.js';

export interface WorkerOptions extends Omit<EngineOptions, 'effects' | 'signal' | 'lookingUp' | 'mayLinger'> {
  readonly target: QueuedEffect['target'];
  readonly redisUrl: string;
  readonly prefix: string;
  /** Effects that this process runs at once. */
  readonly concurrency: number;
  /** Jobs that may wait in Bull (`windowFor`). */
  readonly window: number;
  /** Milliseconds after which a queued effect that nobody ran is queued again. */
  readonly queueMs: number;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Called after each look at what is due, whatever became of it. */
  readonly alive: () => void;
  /** Called when work is due and none gets done: the process should end and be started anew. */
  readonly onStuck: (reason: string) => void;
}

export interface WorkerState {
  /** `unknown` until it was first asked. */
  readonly redis: 'up' | 'down' | 'unknown';
  /** Places that are taken, by effects that run or by runs that rest. */
  readonly running: number;
  readonly lastProgressAt: Date;
}

export interface Worker {
  state(): WorkerState;
  /** Stops claiming, waits for what runs at most `graceMs`, then aborts it. */
  stop(graceMs: number): Promise<void>;
}

const TICK_MS = 1_000;
const FIRST_TICKS = 2;
const PING_TIMEOUT_MS = 500;
const STUCK_AFTER_MS = 60_000;
const OVERLONG_LOOKS = 10;
const CLOSE_TIMEOUT_MS = 2_000;
const LISTENERS_PER_RUN = 10;

/** Consumes the queue of one target and tops it up; while Redis is away it runs what it would have queued itself. */
export function startWorker(options: WorkerOptions): Worker {
  const { target, logger, database } = options;
  const abort = new AbortController();
  // Every run under way listens for the one end of all, in a few places at once; beyond that it is a leak, and Node says so.
  setMaxListeners(LISTENERS_PER_RUN * options.concurrency, abort.signal);
  const metrics = engineMetrics(options.registry);
  const queue: Queue<EffectJob> = createQueue<EffectJob>(target, 'worker', options);
  const runner = createEffectRunner({ ...options, effects: gatherEffects(database), signal: abort.signal, lookingUp: new Set() }, metrics, logger);
  let redis: WorkerState['redis'] = 'unknown';
  let stopping = false;
  let ticks = 0;
  let overlong = 0;

  /** What is due at once need not wait for the next tick; if adding fails, the tick finds it. */
  function enqueue(ids: readonly string[]): void {
    if (ids.length === 0 || stopping || redis !== 'up') return;
    const jobs = ids.map((effectId) => ({ data: { effectId, kind: 'again' }, opts: { priority: 1 } }));
    queue.addBulk(jobs).catch((error: unknown) => logger.debug('job not added', { error: String(error) }));
  }

  async function handle(job: { data: EffectJob }): Promise<{ outcome: string }> {
    if (stopping) return { outcome: 'stopping' };
    const { outcome, error, again } = await runner.run(job.data.effectId, job.data.kind);
    enqueue(again);
    // The row has its schedule already; the job fails so that whoever looks at the queue sees why.
    if (outcome !== 'postponed' && error !== null) throw new Error(error);
    return { outcome };
  }

  async function ask(): Promise<number | null> {
    if (queue.client.status !== 'ready') return null;
    const key = windowKey(options.prefix, target);
    const asked = Promise.all([
      queue.client.llen(queue.toKey('wait')),
      queue.client.set(key, options.window, 'EX', WINDOW_TTL_S),
    ]);
    const answer = await bounded(asked, PING_TIMEOUT_MS, null);
    return answer === null ? null : answer[0];
  }

  async function topUp(waiting: number): Promise<void> {
    const room = options.window - waiting;
    if (room <= 0) return;
    const taken = await takeUnqueued(database, target, room, options.queueMs);
    if (taken.length > 0) failpoint('after_take');
    await bounded(addEffects(queue, taken), PING_TIMEOUT_MS, undefined);
  }

  /** Fills the free places with what is due; what waits for its permit here holds no lease and would be listed again. */
  async function runDirectly(): Promise<void> {
    const due = await listDue(database, target, 2 * options.concurrency);
    for (const { id, kind } of due) {
      if (runner.running() >= options.concurrency) return;
      if (runner.isRunning(id)) continue;
      runner
        .run(id, kind)
        .catch((error: unknown) => logger.warn('effect not run', { effect_id: id, error: String(error) }))
        .finally(nudgeDirect);
    }
  }

  async function watch(): Promise<void> {
    // Every wait within a run has an end well below this; a process that was stopped gets a few looks to end its runs.
    overlong = runner.longestMs() > Math.max(STUCK_AFTER_MS, 3 * options.leaseMs) ? overlong + 1 : 0;
    if (overlong > OVERLONG_LOOKS) options.onStuck(`${target}: an effect runs and does not come to its end`);
    if (runner.running() > 0 || Date.now() - runner.lastProgressAt().getTime() < STUCK_AFTER_MS) return;
    if (await hasOverdue(database, target, STUCK_AFTER_MS)) options.onStuck(`${target}: work is due and none gets done`);
  }

  function turn(now: 'up' | 'down'): void {
    if (now === 'down' && redis !== 'down') logger.warn('redis does not answer; running effects directly', { queue: target });
    if (now === 'up' && redis !== 'up') logger.info('redis answers', { queue: target });
    redis = now;
    metrics.direct.set({ queue: target }, now === 'down' ? 1 : 0);
  }

  async function tick(): Promise<void> {
    ticks += 1;
    const waiting = await ask();
    // The first connection takes a moment.
    if (waiting === null && redis === 'unknown' && ticks <= FIRST_TICKS) return;
    turn(waiting === null ? 'down' : 'up');
    if (waiting === null) await runDirectly();
    else {
      metrics.waiting.set({ queue: target }, waiting);
      await topUp(waiting);
    }
    await watch();
  }

  /** While effects run directly, a place that falls free is filled at once, by the one loop that there is. */
  function nudgeDirect(): void {
    if (redis === 'down' && !stopping) loop.nudge();
  }

  const loop = startLoop(() => tick().finally(options.alive), TICK_MS, (error) => logger.warn('top-up failed', { queue: target, error: String(error) }));
  queue.process(options.concurrency, handle).catch((error: unknown) => {
    if (!stopping) options.onStuck(`${target}: the queue's consumer ended: ${String(error)}`);
  });

  return {
    state: () => ({ redis, running: runner.running(), lastProgressAt: runner.lastProgressAt() }),
    stop: async (graceMs) => {
      stopping = true;
      await loop.stop();
      // Local pause: this process takes no further jobs. It waits for a Redis that may be away, so it is not awaited long.
      await bounded(queue.pause(true, true), PING_TIMEOUT_MS, undefined);
      await bounded(runner.settle(), graceMs, undefined);
      abort.abort();
      await bounded(runner.settle(), CLOSE_TIMEOUT_MS, undefined);
      await bounded(queue.close(true), CLOSE_TIMEOUT_MS, undefined);
      queue.client.disconnect();
    },
  };
}
