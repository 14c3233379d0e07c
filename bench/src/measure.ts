import type { Contender } from './contender.js';
import type { Ground } from './ground/ground.js';
import { cpuSeconds, cpuSecondsWithChildren, rssMegabytes, treeCpuSeconds } from './ground/use.js';
import type { LoadResult } from './load/load-result.js';

/** What all processes held at a moment of a run. */
export interface Sample {
  readonly second: number;
  /** Megabytes per process. */
  readonly rss: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly redisMb: number;
}

/** A run: what was done, and what it cost. */
export interface Measured extends LoadResult {
  readonly seconds: number;
  /** Seconds of CPU per process, of Postgres with all its backends, of Redis, and of the generator. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly samples: readonly Sample[];
}

function cpuNow({ processes }: Contender, { postgres, redis }: Ground): Record<string, number> {
  const own = processes.map(({ name, pid }) => [name, cpuSeconds(pid)] as const);
  // What loads in a closed loop are children of ours.
  const generator = cpuSecondsWithChildren(process.pid);
  return { ...Object.fromEntries(own), postgres: treeCpuSeconds(postgres.pid), redis: treeCpuSeconds(redis.pid), generator };
}

async function sample({ processes, pool }: Contender, ground: Ground, second: number): Promise<Sample> {
  const rss = Object.fromEntries([...processes, { name: 'redis', pid: ground.redis.pid }].map(({ name, pid }) => [name, rssMegabytes(pid)] as const));
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'bench'`,
  );
  return { second, rss, connections: rows[0]?.count ?? 0, redisMb: await ground.redisMegabytes() };
}

/** Runs a load and looks every so many seconds, and at its end, at what it takes. */
export async function measure(contender: Contender, ground: Ground, everySeconds: number, run: () => Promise<LoadResult>): Promise<Measured> {
  const samples: Sample[] = [];
  const before = cpuNow(contender, ground);
  const begin = performance.now();
  const second = (): number => Math.round((performance.now() - begin) / 100) / 10;
  let looking = Promise.resolve();
  const look = (): Promise<void> => (looking = looking.then(async () => { samples.push(await sample(contender, ground, second())); }));
  const timer = setInterval(() => { look().catch(() => undefined); }, everySeconds * 1_000);
  try {
    const result = await run();
    clearInterval(timer);
    const seconds = (performance.now() - begin) / 1_000;
    const after = cpuNow(contender, ground);
    await look();
    const cpu = Object.fromEntries(Object.entries(after).map(([name, used]) => [name, Math.max(0, used - (before[name] ?? 0))]));
    return { ...result, seconds, cpu, samples };
  } finally {
    clearInterval(timer);
  }
}
