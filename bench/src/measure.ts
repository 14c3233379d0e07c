import { Redis } from 'ioredis';
import type { Contender } from './contender.js';
import type { LoadResult } from './load/latencies.js';
import { cpuSeconds, rssMegabytes } from './processes.js';

/** What a run cost besides time. */
export interface Cost {
  /** Seconds of CPU per process during the run. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Megabytes per process at its end. */
  readonly rss: Readonly<Record<string, number>>;
  readonly databaseConnections: number;
  readonly redisMegabytes: number;
}

export interface Measured extends LoadResult {
  readonly cost: Cost;
}

async function redisMegabytes(url: string): Promise<number> {
  const redis = new Redis(url);
  try {
    const [, bytes] = /used_memory:(\d+)/.exec(await redis.info('memory')) ?? [];
    return Number(bytes) / 1024 / 1024;
  } finally {
    redis.disconnect();
  }
}

/** Runs a load and tells what it cost. */
export async function measure(contender: Contender, run: () => Promise<LoadResult>): Promise<Measured> {
  const cpuOf = (): Map<string, number> => new Map(contender.processes.map(({ name, pid }) => [name, cpuSeconds(pid)]));
  const before = cpuOf();
  const result = await run();
  const cpu = Object.fromEntries([...cpuOf()].map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)]));
  const rss = Object.fromEntries(contender.processes.map(({ name, pid }) => [name, rssMegabytes(pid)]));
  const { rows } = await contender.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
  return { ...result, cost: { cpu, rss, databaseConnections: rows[0]?.count ?? 0, redisMegabytes: await redisMegabytes(contender.redis.url) } };
}
