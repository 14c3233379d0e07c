import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { StartupError } from '@deptracker/runtime';
import { isSameProcess, processIdentity } from '@deptracker/testkit';
import { type LocalDir, makeLocalDir, readJson } from './local-dir.js';

/** The process that uses a LOCAL_DIR. */
export interface Holder {
  readonly pid: number;
  readonly identity: string;
}

/** This process, as a lock names it. */
export function thisProcess(): Holder {
  return { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
}

/** Who holds the lock and still runs. */
export function lockHolder(dir: LocalDir): Holder | undefined {
  const holder = parseHolder(readJson(dir.lock));
  return holder && isSameProcess(holder.pid, holder.identity) ? holder : undefined;
}

/**
 * Takes LOCAL_DIR for this process, over from a holder that died; returns the function that gives it back. Throws
 * `StartupError` while another process has it.
 */
export function acquireLock(dir: LocalDir): () => void {
  makeLocalDir(dir);
  const self = thisProcess();
  const draft = `${dir.lock}.${self.pid}`;
  writeFileSync(draft, JSON.stringify(self), { mode: 0o600 });
  try {
    while (!linked(draft, dir.lock)) {
      const holder = lockHolder(dir);
      if (holder) throw new StartupError(heldMessage(dir, holder));
      removeStale(dir, `${draft}.stale`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    releaseLock(dir, self);
  };
}

/** Removes the lock if it is `owner`'s. */
export function releaseLock(dir: LocalDir, owner: Holder): void {
  if (holdsLock(dir, owner)) rmSync(dir.lock, { force: true });
}

/** Whether the lock names `owner`, running or not. */
export function holdsLock(dir: LocalDir, owner: Holder): boolean {
  const holder = parseHolder(readJson(dir.lock));
  return holder?.pid === owner.pid && holder.identity === owner.identity;
}

function heldMessage(dir: LocalDir, holder: Holder): string {
  return (
    `Dep Tracker already runs with ${dir.path} (process ${holder.pid}); ` +
    'stop that one with Ctrl-C, or set LOCAL_DIR and the ports to run a second one.'
  );
}

/** link() fails if the name is taken, and the file appears with its content: nobody sees an empty lock. */
function linked(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two starts may both see the stale lock: whoever finds that it moved a living one away puts it back. */
function removeStale(dir: LocalDir, aside: string): void {
  try {
    renameSync(dir.lock, aside);
  } catch {
    return;
  }
  const moved = parseHolder(readJson(aside));
  if (moved && isSameProcess(moved.pid, moved.identity)) linked(aside, dir.lock);
  rmSync(aside, { force: true });
}

function parseHolder(value: unknown): Holder | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('identity' in value)) return undefined;
  const { pid, identity } = value;
  return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : undefined;
}
