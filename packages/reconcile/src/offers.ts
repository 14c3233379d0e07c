import type { Queue } from 'bull';
import { failpoint } from '@deptracker/runtime';
import { EFFECT_TARGETS } from '@deptracker/store';
import type { QueueMs, QueuedEffect } from '@deptracker/store';
import { bounded } from './bounded.js';
import { startLoop } from './loop.js';
import { type EffectJob, type QueueOptions, addEffects, createQueue, windowKey } from './queue.js';

type Target = QueuedEffect['target'];

export interface OffersOptions extends QueueOptions {
  /** Milliseconds after which a job that was promised and never added is queued by a worker. */
  readonly queueMs: number;
}

/** The producer's side of the queues: jobs are added after the commit, not awaited, and only while there is room. */
export interface Offers {
  /** Whether this process will queue what it writes now, per target; 0 where Redis is away or the window is full. */
  queueMs(): QueueMs;
  /** Adds jobs for committed effects; failures only mean that a worker's top-up does it. */
  offer(effects: readonly QueuedEffect[]): void;
  state(): { readonly redis: 'up' | 'down' };
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
const LOOK_TIMEOUT_MS = 400;
const CLOSE_TIMEOUT_MS = 1_000;

/** Opens the producer's side of every target's queue and keeps looking how much room each has. */
export function createOffers(options: OffersOptions): Offers {
  const queues = new Map<Target, Queue<EffectJob>>(
    EFFECT_TARGETS.map((target) => [target, createQueue<EffectJob>(target, 'producer', options)]),
  );
  const room = new Map<Target, number>();
  let up = false;

  async function look(): Promise<void> {
    const found = await Promise.all(
      [...queues].map(async ([target, queue]) => {
        const { client } = queue;
        if (client.status !== 'ready') return false;
        const asked = Promise.all([client.get(windowKey(options.prefix, target)), client.llen(queue.toKey('wait'))]);
        const answer = await bounded(asked, LOOK_TIMEOUT_MS, null);
        room.set(target, answer === null ? 0 : Math.max(0, Number(answer[0] ?? 0) - answer[1]));
        return answer !== null;
      }),
    );
    up = found.every(Boolean);
    if (!up) room.clear();
  }

  const report = (error: unknown): void => options.logger.debug('jobs not added', { error: String(error) });
  const loop = startLoop(look, LOOK_EVERY_MS, report);

  // What is committed in one batch is offered in one turn of the event loop: it goes to Redis in one call per queue.
  const offered = new Map<Target, QueuedEffect[]>(EFFECT_TARGETS.map((target) => [target, []]));
  let scheduled = false;

  function add(): void {
    scheduled = false;
    for (const [target, queue] of queues) {
      const mine = offered.get(target)?.splice(0) ?? [];
      if (mine.length > 0 && queue.client.status === 'ready') addEffects(queue, mine).catch(report);
    }
  }

  return {
    queueMs: () => {
      const promise = (target: Target): number => ((room.get(target) ?? 0) > 0 ? options.queueMs : 0);
      return { jira: promise('jira'), slack: promise('slack') };
    },
    offer: (effects) => {
      if (effects.length > 0) failpoint('before_offer');
      for (const effect of effects) {
        offered.get(effect.target)?.push(effect);
        room.set(effect.target, (room.get(effect.target) ?? 0) - 1);
      }
      if (scheduled || effects.length === 0) return;
      scheduled = true;
      setImmediate(add);
    },
    state: () => ({ redis: up ? 'up' : 'down' }),
    close: async () => {
      add();
      await bounded(loop.stop(), CLOSE_TIMEOUT_MS, undefined);
      await bounded(Promise.all([...queues.values()].map((queue) => queue.close(true))), CLOSE_TIMEOUT_MS, null);
      for (const queue of queues.values()) queue.client.disconnect();
    },
  };
}
