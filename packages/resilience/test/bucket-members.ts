import { type Taken, type TokenBuckets, type createRedis, createTokenBuckets } from '@deptracker/resilience';
import { fakeClock, fakeLogger } from './fakes.js';

export interface Member {
  readonly buckets: TokenBuckets;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly logger: ReturnType<typeof fakeLogger>;
}

/** Token buckets as one replica has them, with a clock of its own and with patience for a busy machine. */
export function memberOf(client: () => ReturnType<typeof createRedis> | null, patienceMs = 10_000): Member {
  const [clock, logger] = [fakeClock(), fakeLogger()];
  return { buckets: createTokenBuckets({ prefix: 'deptracker', redis: client, logger, clock, patienceMs }), clock, logger };
}

export async function takeMany({ buckets }: Member, times: number, perMinute: number, bucket = 'a'): Promise<Taken[]> {
  return Promise.all(Array.from({ length: times }, () => buckets.take(bucket, perMinute)));
}

export const granted = (all: readonly Taken[]): number => all.filter((one) => one.granted).length;
