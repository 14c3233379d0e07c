import joi from 'joi';
import { METHOD_PATTERNS, matchesMethod } from './methods.js';

/** At most `limit` calls in any `windowMs`, in all or per channel. */
export interface Limit {
  readonly limit: number;
  readonly windowMs: number;
  readonly perChannel: boolean;
}

interface CountedLimit extends Limit {
  readonly method: string;
  /** Times of the calls let through, per channel or under ''. */
  readonly passed: Map<string, number[]>;
  refused: number;
}

const LIMIT = joi.alternatives(
  joi.number().integer().min(1),
  joi.object({
    limit: joi.number().integer().min(1).required(),
    windowMs: joi.number().integer().min(1).default(60_000),
    perChannel: joi.boolean().default(false),
  }),
);
const BODY = joi.object().pattern(joi.valid(...METHOD_PATTERNS), LIMIT);

/** Limits as real vendors have them, off until set; what is above is answered 429 with Retry-After. */
export class Limits {
  private limits: CountedLimit[] = [];

  /**
   * Replaces all limits from `{ 'slack.chat.postMessage': 60, … }`: a number means calls a minute.
   * Returns what is wrong, one sentence per mistake; then nothing is changed.
   */
  set(body: unknown): readonly string[] {
    const result = BODY.required().validate(body, { abortEarly: false, convert: false });
    if (result.error !== undefined) return result.error.details.map((detail) => detail.message);
    this.limits = Object.entries(result.value as Record<string, number | Limit>).map(([method, given]) => {
      const limit = typeof given === 'number' ? { limit: given, windowMs: 60_000, perChannel: false } : given;
      return { method, ...limit, passed: new Map(), refused: 0 };
    });
    return [];
  }

  /** The limits with how many calls each has refused. */
  list(): Record<string, Limit & { refused: number }> {
    return Object.fromEntries(
      this.limits.map(({ method, limit, windowMs, perChannel, refused }) => [
        method,
        { limit, windowMs, perChannel, refused },
      ]),
    );
  }

  /** Null if the call may pass (it is then counted), else the milliseconds after which one may. */
  refuse(method: string, channel: string | undefined, now: number): number | null {
    const scopes = this.limits
      .filter((limit) => matchesMethod(limit.method, method))
      .map((limit) => {
        const key = limit.perChannel ? (channel ?? '') : '';
        const times = (limit.passed.get(key) ?? []).filter((time) => time > now - limit.windowMs);
        limit.passed.set(key, times);
        return { limit, times };
      });
    const full = scopes.filter(({ limit, times }) => times.length >= limit.limit);
    for (const { limit } of full) limit.refused += 1;
    if (full.length === 0) {
      for (const { times } of scopes) times.push(now);
      return null;
    }
    return Math.max(...full.map(({ limit, times }) => (times.at(-limit.limit) ?? now) + limit.windowMs - now));
  }
}
