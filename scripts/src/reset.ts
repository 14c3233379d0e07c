import { readEnvironment } from './local/environment.js';
import { localDir, removeLocalDir } from './local/local-dir.js';
import { stopLeftovers } from './local/leftovers.js';
import { acquireLock } from './local/lock.js';
import { print, runCommand } from './local/run-command.js';

async function main(): Promise<void> {
  const dir = localDir(readEnvironment());
  acquireLock(dir);
  await stopLeftovers(dir);
  removeLocalDir(dir);
  print(`Removed the data in ${dir.path}`);
}

runCommand(main);
