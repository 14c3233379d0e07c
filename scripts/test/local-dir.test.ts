import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from '@deptracker/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProcessNotes, leftovers, stopLeftovers } from '../dist/local/leftovers.js';
import { databasePassword, type LocalDir, localDir, readPorts, removeLocalDir, writePorts } from '../dist/local/local-dir.js';
import { acquireLock, lockHolder } from '../dist/local/lock.js';
import { temporaryFolder } from './temporary-folder.js';

function newDir(): LocalDir {
  return localDir({ LOCAL_DIR: join(temporaryFolder(), 'local') });
}

async function startSleeper(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'spawn');
  return child.pid ?? 0;
}

describe('the lock of LOCAL_DIR', () => {
  it('is refused while its holder lives, in one sentence that names it', async () => {
    const dir = newDir();
    const pid = await startSleeper();
    mkdirSync(dir.path);
    writeFileSync(dir.lock, JSON.stringify({ pid, identity: processIdentity(pid) }));
    expect(() => acquireLock(dir)).toThrow(`Dep Tracker already runs with ${dir.path} (process ${pid}); stop that one`);
  });

  it('is taken over from a holder whose pid now belongs to another process', async () => {
    const dir = newDir();
    const pid = await startSleeper();
    mkdirSync(dir.path);
    writeFileSync(dir.lock, JSON.stringify({ pid, identity: 'an earlier process' }));
    const release = acquireLock(dir);
    expect(lockHolder(dir)?.pid).toBe(process.pid);
    expect(processIdentity(pid)).toBeDefined();
    release();
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('is taken over when the file is torn', () => {
    const dir = newDir();
    mkdirSync(dir.path);
    writeFileSync(dir.lock, '{"pid":1');
    acquireLock(dir);
    expect(lockHolder(dir)?.pid).toBe(process.pid);
  });
});

describe('what an earlier launcher left running', () => {
  it('is stopped, and a process that only has the pid of one is not touched', async () => {
    const dir = newDir();
    mkdirSync(dir.path);
    const [ours, foreign] = [await startSleeper(), await startSleeper()];
    const noted = [
      { name: 'api', pid: ours, identity: processIdentity(ours) },
      { name: 'jira-worker', pid: foreign, identity: 'an earlier process' },
    ];
    writeFileSync(dir.processes, JSON.stringify(noted));
    expect(leftovers(dir).map(({ pid }) => pid)).toEqual([ours]);
    await stopLeftovers(dir);
    expect(processIdentity(ours)).toBeUndefined();
    expect(processIdentity(foreign)).toBeDefined();
  });

  it('is found by what was noted at its start', async () => {
    const dir = newDir();
    mkdirSync(dir.path);
    const pid = await startSleeper();
    const notes = new ProcessNotes(dir);
    notes.add('api', pid);
    expect(leftovers(dir)).toEqual([{ name: 'api', pid, identity: processIdentity(pid) }]);
    notes.remove('api');
    expect(leftovers(dir)).toEqual([]);
  });
});

describe('LOCAL_DIR', () => {
  it('that cannot be a folder is refused in one sentence, also below /proc', () => {
    for (const path of ['/etc/passwd', '/proc/nope']) {
      expect(() => acquireLock(localDir({ LOCAL_DIR: path }))).toThrow(/^LOCAL_DIR .* cannot be used \(.*\); set it to a folder/);
    }
  });

  it('keeps one password that only the owner can read', () => {
    const dir = newDir();
    const password = databasePassword(dir);
    expect(password).toMatch(/^[\w-]{24}$/);
    expect(databasePassword(dir)).toBe(password);
    expect(statSync(dir.password).mode & 0o777).toBe(0o600);
  });

  it('remembers ports and gives none from a torn file', () => {
    const dir = newDir();
    mkdirSync(dir.path);
    writePorts(dir, { postgres: 1234 });
    expect(readPorts(dir)).toEqual({ postgres: 1234 });
    writeFileSync(dir.ports, '{');
    expect(readPorts(dir)).toEqual({});
  });

  it('loses only what is ours at a reset', () => {
    const dir = newDir();
    databasePassword(dir);
    writeFileSync(join(dir.path, 'notes.txt'), 'mine');
    removeLocalDir(dir);
    expect(readdirSync(dir.path)).toEqual(['notes.txt']);
    const other = newDir();
    databasePassword(other);
    removeLocalDir(other);
    expect(existsSync(other.path)).toBe(false);
  });
});
