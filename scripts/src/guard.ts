import { readEnvironment } from './local/environment.js';
import { stopLeftovers } from './local/leftovers.js';
import { localDir } from './local/local-dir.js';
import { holdsLock, releaseLock } from './local/lock.js';

/**
 * Stops everything when the launcher dies without doing so itself (kill -9). It knows by its stdin: the launcher holds
 * the other end and never writes.
 */
function main(): void {
  const [pid = '', identity = ''] = process.argv.slice(2);
  const launcher = { pid: Number(pid), identity };
  const dir = localDir(readEnvironment());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.stdin.resume();
  process.stdin.on('end', () => {
    // A later launcher that took over cleans up for itself.
    const stillOurs = (): boolean => holdsLock(dir, launcher);
    const done = (): void => {
      releaseLock(dir, launcher);
      process.exit(0);
    };
    if (stillOurs()) stopLeftovers(dir, stillOurs).then(done, done);
    else process.exit(0);
  });
}

main();
