import { findProgram, type Program, type Progress, type Wanted } from './program.js';

const REDIS: Wanted = {
  names: ['redis-server', 'valkey-server'],
  versionFlag: '--version',
  debianPackage: 'redis-server',
  brewPackage: 'redis',
  unpacked: {
    packages: ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'],
    // redis-server is a link to an absolute path that is not there; the program itself is redis-check-rdb.
    files: ['redis-server', 'redis-check-rdb', 'redis-check-aof'],
  },
};

/** Finds a Redis server, or gets one. Throws an error that says what to do when there is no way. */
export function redisBinary(progress: Progress = () => undefined): Program {
  const found = findProgram(REDIS, progress);
  if (found) return found;
  throw new Error('No Redis was found: install redis-server or valkey-server, or set REDIS_URL to one that runs.');
}
