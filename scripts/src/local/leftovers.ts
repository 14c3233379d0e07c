import { isSameProcess, processIdentity, stopForeignProcess, stopLeftoverPostgres, stopLeftoverRedis } from '@deptracker/testkit';
import { type LocalDir, readJson, writeFileAtomically } from './local-dir.js';

/** A process that a launcher started, with what tells it from a later one of the same pid. */
export interface StartedProcess {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
}

/** Name under which the guard is noted. */
export const GUARD = 'guard';

// Longer than an app's own shutdown time-out, so that it can finish.
const GRACE_MS = 27_000;

/** Keeps the list of started processes on disk, so that they are found when the launcher is killed. */
export class ProcessNotes {
  private readonly processes = new Map<string, StartedProcess>();

  constructor(private readonly dir: LocalDir) {}

  add(name: string, pid: number): void {
    const identity = processIdentity(pid);
    if (identity === undefined) return;
    this.processes.set(name, { name, pid, identity });
    this.write();
  }

  remove(name: string): void {
    if (this.processes.delete(name)) this.write();
  }

  private write(): void {
    writeFileAtomically(this.dir.processes, `${JSON.stringify([...this.processes.values()])}\n`);
  }
}

/** The noted processes that still run. */
export function leftovers(dir: LocalDir): StartedProcess[] {
  const value = readJson(dir.processes);
  const noted = Array.isArray(value) ? value.filter(isStartedProcess) : [];
  return noted.filter(({ pid, identity }) => isSameProcess(pid, identity));
}

/**
 * Stops what a launcher that died left running: first its guard (it would do the same), then the apps, then Redis and
 * Postgres. Asks `goOn` before each step. A process that is not ours is never touched.
 */
export async function stopLeftovers(dir: LocalDir, goOn: () => boolean = () => true): Promise<void> {
  const found = leftovers(dir).filter(({ pid }) => pid !== process.pid);
  for (const { pid, identity } of found.filter(({ name }) => name === GUARD)) {
    await stopForeignProcess(pid, identity, 'SIGKILL', 1_000);
  }
  const apps = found.filter(({ name }) => name !== GUARD);
  await Promise.all(apps.map(({ pid, identity }) => stopForeignProcess(pid, identity, 'SIGTERM', GRACE_MS)));
  if (goOn()) await stopLeftoverRedis(dir.redis);
  if (goOn()) await stopLeftoverPostgres(dir.postgres);
}

function isStartedProcess(value: unknown): value is StartedProcess {
  if (typeof value !== 'object' || value === null) return false;
  const { name, pid, identity } = value as Record<string, unknown>;
  return typeof name === 'string' && typeof pid === 'number' && typeof identity === 'string';
}
