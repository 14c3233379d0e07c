import type { Redis } from 'ioredis';
import { type Taken, microsPerToken, takenOf } from './bucket.js';

/**
 * The algorithm of LocalBuckets for many buckets at once, on Redis' own clock. KEYS: per attempt the bucket, whose value
 * is the moment at which it is full again; full ones expire. ARGV: per attempt how many tokens the bucket holds, the
 * interval in which one comes back, how many were given already, and whether one more is asked for. All times are
 * microseconds. Returns per attempt { granted, missing }, flat. A clock that was set back never empties a bucket further
 * than to nothing.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers = {}
for i, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[4 * i - 2])
  local all = tonumber(ARGV[4 * i - 3]) * interval
  local given = tonumber(ARGV[4 * i - 1])
  local fullAt = tonumber(redis.call('GET', key) or now) or now
  local missing = math.min(math.max(0, fullAt - now) + given * interval, all)
  local granted = ARGV[4 * i] == '1' and missing + interval <= all
  if granted then missing = missing + interval end
  if granted or given > 0 then
    redis.call('SET', key, string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000))
  end
  answers[2 * i - 1] = granted and 1 or 0
  answers[2 * i] = missing
end
return answers
`;

interface BucketCommands {
  deptrackerTakeTokens(keys: number, ...args: (string | number)[]): Promise<number[]>;
}

const prepared = new WeakSet<Redis>();

/** ioredis sends the script by its hash and sends it whole again when Redis has forgotten it. */
function commands(redis: Redis): BucketCommands {
  if (!prepared.has(redis)) {
    redis.defineCommand('deptrackerTakeTokens', { lua: TAKE });
    prepared.add(redis);
  }
  return redis as unknown as BucketCommands;
}

/** One attempt: the bucket's key in Redis and how many tokens it holds, which come back evenly in a minute. */
export interface Attempt {
  readonly key: string;
  readonly perMinute: number;
  /** Tokens that were given already. */
  readonly given: number;
  /** Whether one more is asked for. */
  readonly asks: boolean;
}

/** Counts what was given and takes a token for each attempt that asks, in their order, in one call; rejects where Redis cannot answer. */
export async function takeShared(redis: Redis, attempts: readonly Attempt[]): Promise<Taken[]> {
  const keys = attempts.map(({ key }) => key);
  const args = attempts.flatMap(({ perMinute, given, asks }) => [perMinute, microsPerToken(perMinute), given, asks ? 1 : 0]);
  const answers = await commands(redis).deptrackerTakeTokens(keys.length, ...keys, ...args);
  return attempts.map(({ perMinute }, index) => takenOf(perMinute, answers[2 * index] === 1, answers[2 * index + 1] ?? 0));
}
