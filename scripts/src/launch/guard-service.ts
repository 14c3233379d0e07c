import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { exitOf } from '@deptracker/testkit';
import { ROOT, type Variables } from '../local/environment.js';
import { GUARD, type ProcessNotes } from '../local/leftovers.js';
import { thisProcess } from '../local/lock.js';
import type { Service } from './supervisor.js';

/** The process that stops everything when this one is killed without a chance to do so (see guard.ts). */
export function guardService(env: Variables, notes: ProcessNotes): Service {
  return {
    name: GUARD,
    start: async () => {
      const { pid, identity } = thisProcess();
      const guard = spawn(process.execPath, [join(ROOT, 'scripts', 'dist', 'guard.js'), String(pid), identity], {
        cwd: ROOT,
        env,
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      const exited = exitOf(guard);
      guard.stdin.on('error', () => undefined);
      await new Promise<void>((resolve, reject) => {
        guard.once('spawn', resolve);
        guard.once('error', reject);
      });
      notes.add(GUARD, guard.pid ?? 0);
      guard.once('exit', () => {
        notes.remove(GUARD);
      });
      return {
        pid: guard.pid ?? 0,
        exited,
        stop: async () => {
          guard.kill('SIGKILL');
          await exited;
        },
      };
    },
  };
}
