import type { Redis } from 'ioredis';
import { bounded } from './bounded.js';
import { type Clock, monotonicClock } from './clock.js';

export interface SharedTextsOptions {
  /** First part of every key; processes whose texts differ for the same key must not share it. */
  readonly prefix: string;
  /** Milliseconds after which Redis forgets a text. */
  readonly ttlMs: number;
  /** Asked at each use, so that it may come and go. */
  readonly redis: () => Redis | null;
  readonly clock?: Pick<Clock, 'now'>;
  /** Milliseconds that a look gives Redis at most; 10 unless a test needs certainty on a busy machine. */
  readonly patienceMs?: number;
}

/** Short-lived texts that processes share through Redis, with how old they are on Redis' clock. */
export interface SharedTexts {
  /** Null where Redis is away, slow, or was a moment ago; never rejects. */
  find(key: string): Promise<{ readonly asked: number; readonly entry: { readonly text: string; readonly ageMs: number } | null } | null>;
  /** Keeps what was made after the look that gave `asked`; false where it could not, where it is too large or where much was kept just before. */
  keep(key: string, asked: number, text: string): Promise<boolean>;
}

const PATIENCE_MS = 10;
/** After Redis failed it is left alone for so long, lest every request wait for it. */
const REST_MS = 5_000;
/** A larger answer would keep others waiting behind it on the same connection. */
const MOST_CHARACTERS = 256 * 1024;
/** What a process stores within one `ttlMs`: Redis holds the queues, and must not fill up with what can be read anew. */
const MOST_AT_ONCE = 4 * 1024 * 1024;

interface Stored {
  readonly nowMs: number;
  readonly value: string | null;
}

/** Redis' time, then the text: in one write, and the time is never later than the moment at which the text was there. */
async function look(redis: Redis, key: string): Promise<Stored> {
  const answers = (await redis.pipeline().time().get(key).exec()) ?? [];
  const failed = answers.find(([error]) => error !== null);
  if (answers.length !== 2 || failed !== undefined) throw failed?.[0] ?? new Error('no answer');
  const [[, time], [, value]] = answers as [[null, [number | string, number | string]], [null, string | null]];
  return { nowMs: Number(time[0]) * 1000 + Number(time[1]) / 1000, value };
}

/** A text is stored behind the moment of the look that it followed, in milliseconds, and a space. */
function entryOf({ nowMs, value }: Stored): { text: string; ageMs: number } | null {
  const end = value?.indexOf(' ') ?? -1;
  if (value === null || end === -1) return null;
  const asked = Number(value.slice(0, end));
  return Number.isFinite(asked) ? { text: value.slice(end + 1), ageMs: nowMs - asked } : null;
}

/**
 * Opens such a memory. A text counts as old from the look that found none, before it was made: however late it is stored,
 * it never seems newer than it is. Whatever goes wrong in Redis is as if it held nothing.
 */
export function createSharedTexts(options: SharedTextsOptions): SharedTexts {
  const { prefix, ttlMs, clock = monotonicClock, patienceMs = PATIENCE_MS } = options;
  let restUntil = Number.NEGATIVE_INFINITY;
  let stored = { since: Number.NEGATIVE_INFINITY, characters: 0 };
  const mayStore = ({ length }: string): boolean => {
    const now = clock.now();
    if (now - stored.since >= ttlMs) stored = { since: now, characters: 0 };
    if (length > MOST_CHARACTERS || stored.characters + length > MOST_AT_ONCE) return false;
    stored.characters += length;
    return true;
  };
  const reachable = (): Redis | null => {
    const redis = clock.now() < restUntil ? null : options.redis();
    return redis?.status === 'ready' ? redis : null;
  };
  return {
    async find(key) {
      const redis = reachable();
      if (redis === null) return null;
      try {
        const stored = await bounded(look(redis, `${prefix}:${key}`), patienceMs);
        return { asked: stored.nowMs, entry: entryOf(stored) };
      } catch {
        restUntil = clock.now() + REST_MS;
        return null;
      }
    },
    async keep(key, asked, text) {
      const redis = reachable();
      if (redis === null || !mayStore(text)) return false;
      try {
        await redis.set(`${prefix}:${key}`, `${asked} ${text}`, 'PX', ttlMs);
        return true;
      } catch {
        // Full, or read-only: what it holds can still be read.
        return false;
      }
    },
  };
}
