import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProduct } from './contender.js';
import type { Ground } from './ground/ground.js';
import { closedLoop } from './load/closed-loop.js';
import type { LoadResult } from './load/load-result.js';
import { type CpuProfile, type Share, selfTimes } from './report/self-times.js';
import { createRequests } from './scenarios/requests.js';

const CONNECTIONS = 64;
const WARM_SECONDS = 5;
const MICROSECONDS = 1_000n;

/** What the profiled load came to, and where the time of the API's main thread went while it ran. */
export interface Profiled extends LoadResult {
  readonly functions: readonly Share[];
  readonly parts: readonly Share[];
}

/** On the clock of V8's profiles, the system's monotonic one, in microseconds. */
const clock = (): number => Number(process.hrtime.bigint() / MICROSECONDS);

/** The profile of the main thread: the process writes one for each of its threads, and the others hardly have samples. */
function mainThread(folder: string): CpuProfile {
  const all = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile);
  const busy = ({ nodes }: CpuProfile): number => nodes.length;
  const [most] = all.sort((a, b) => busy(b) - busy(a));
  if (most === undefined) throw new Error('The API has written no profile.');
  return most;
}

/** Lets creates saturate one API process over 64 connections and profiles it meanwhile. */
export async function profileCreates(ground: Ground, seconds: number, nodeArgs: readonly string[]): Promise<Profiled> {
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-profile-'));
  try {
    const contender = await startProduct(ground, { apiArgs: ['--cpu-prof', `--cpu-prof-dir=${folder}`] }, nodeArgs);
    const requests = createRequests();
    const load = (length: number) => closedLoop({ urls: contender.urls, connections: CONNECTIONS, seconds: length, requests });
    let measured: { readonly result: LoadResult; readonly from: number; readonly to: number };
    try {
      await load(WARM_SECONDS);
      await ground.checkpoint();
      const from = clock();
      const result = await load(seconds);
      measured = { result, from, to: clock() };
    } finally {
      // Ended gently, it writes its profile.
      await contender.stop();
    }
    return { ...measured.result, ...selfTimes(mainThread(folder), measured.from, measured.to) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
