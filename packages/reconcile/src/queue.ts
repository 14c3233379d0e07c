import Bull from 'bull';
import { Redis } from 'ioredis';
import type { QueuedEffect } from '@deptracker/store';
import type { Logger } from '@deptracker/runtime';

/** What a Bull job carries: which effect, and its kind for whoever looks at the queue. */
export interface EffectJob {
  readonly effectId: string;
  readonly kind: string;
}

export interface QueueOptions {
  readonly redisUrl: string;
  /** Before every key in Redis, so that several Dep Trackers may share one. */
  readonly prefix: string;
  readonly logger: Logger;
}

// The last jobs are kept to look at, not to work from: what is owed stands in Postgres.
const KEPT = { removeOnComplete: 200, removeOnFail: 500 } as const;

/**
 * The longest silence after a command: a connection that is dead without a word is replaced. Longer than Bull waits for a
 * job (`drainDelay`, 5 s), when silence is in order.
 */
const SILENCE_MS = 8_000;

function connect(options: QueueOptions, name: string, offlineQueue: boolean): Redis {
  let told = false;
  const redis = new Redis(options.redisUrl, {
    // Bull demands these two of connections that it did not make itself.
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
    enableOfflineQueue: offlineQueue,
    connectTimeout: 2_000,
    keepAlive: 5_000,
    socketTimeout: SILENCE_MS,
    // After a failover the old primary answers READONLY: leave it, and send the command again.
    reconnectOnError: (error) => (error.message.includes('READONLY') ? 2 : false),
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 5), 2_000),
  });
  redis.on('ready', () => (told = false));
  redis.on('error', (error: Error) => {
    if (!told) options.logger.warn('redis is away', { queue: name, error: error.message });
    told = true;
  });
  return redis;
}

/**
 * Bull names its connection without waiting for the outcome; closed before it was ever connected, that is a rejection
 * that nobody handles.
 */
function quietWorkerName(queue: object): void {
  const named = queue as { setWorkerName: () => Promise<unknown> };
  const original = named.setWorkerName.bind(queue);
  named.setWorkerName = () => original().catch(() => undefined);
}

/**
 * Opens a Bull queue. One attempt per job, and stalls never use a job up: retries have one schedule, Postgres's.
 * `producer` queues add only: their commands fail at once while Redis is away instead of piling up.
 */
export function createQueue<T>(name: string, role: 'producer' | 'worker', options: QueueOptions): Bull.Queue<T> {
  const queue = new Bull<T>(name, {
    prefix: options.prefix,
    createClient: (type) => connect(options, `${name} ${type}`, role === 'worker' || type !== 'client'),
    defaultJobOptions: { attempts: 1, ...KEPT },
    settings: { maxStalledCount: 1_000_000, stalledInterval: 15_000, lockDuration: 60_000 },
  });
  quietWorkerName(queue);
  queue.on('error', (error: Error) => options.logger.debug('queue error', { queue: name, error: error.message }));
  return queue;
}

/** Adds one job per effect in one round trip; Bull itself runs the more urgent first. No job ids of ours: Bull keeps them taken. */
export async function addEffects(queue: Bull.Queue<EffectJob>, effects: readonly QueuedEffect[]): Promise<void> {
  if (effects.length === 0) return;
  await queue.addBulk(
    effects.map(({ id, kind, priority }) => ({ name: '__default__', data: { effectId: id, kind }, opts: { priority } })),
  );
}

/** The key under which the workers of a queue publish how many jobs may wait in it. */
export const windowKey = (prefix: string, name: string): string => `${prefix}:window:${name}`;

/** How long a published window holds, in seconds: without workers nobody needs jobs. */
export const WINDOW_TTL_S = 60;

// Four seconds of the fastest worker, which looks each second. Bull walks the list of waiting jobs for each that it adds.
const MOST_WAITING = 2_000;

/** How many jobs may wait in Bull: what the limit lets through in `windowMs`, never fewer than keep the workers busy. */
export function windowFor(limitPerMinute: number, windowMs: number, concurrency: number): number {
  const allowed = Math.ceil((limitPerMinute * windowMs) / 60_000);
  return Math.max(2 * concurrency, Math.min(allowed, MOST_WAITING));
}
