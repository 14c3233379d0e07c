import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** How to start a Redis server here. */
export interface RedisBinary {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Tells what is being done when it takes longer than a moment. */
export type Progress = (message: string) => void;

const SERVERS = ['redis-server', 'valkey-server'];
const DEBIAN_PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * Finds a Redis server, or gets one: on the PATH, by apt as root, from unpacked Debian packages without root, by
 * Homebrew. Throws an error that says what to do when there is no way.
 */
export function redisBinary(progress: Progress = () => undefined): RedisBinary {
  const ways = [onPath, installedByApt, unpackedPackages, installedByBrew];
  for (const way of ways) {
    const found = way(progress);
    if (found && runs(found)) return found;
  }
  throw new Error('No Redis was found: install redis-server or valkey-server, or set REDIS_URL to one that runs.');
}

function runs({ command, env }: RedisBinary): boolean {
  return spawnSync(command, ['--version'], { env, stdio: 'ignore' }).status === 0;
}

function onPath(): RedisBinary | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS].filter((folder) => folder !== '');
  const paths = SERVERS.flatMap((name) => folders.map((folder) => join(folder, name)));
  const command = paths.find((path) => existsSync(path));
  return command === undefined ? undefined : { command, env: process.env };
}

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function run(command: string, args: readonly string[], cwd = '/'): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, [...args], { cwd, env, stdio: 'ignore' }).status === 0;
}

function installedByApt(progress: Progress): RedisBinary | undefined {
  if (process.getuid?.() !== 0 || !has('apt-get')) return undefined;
  progress('Installing redis-server with apt-get');
  run('apt-get', ['update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server']);
  return onPath();
}

function unpackedPackages(progress: Progress): RedisBinary | undefined {
  if (process.platform !== 'linux' || !has('apt-get') || !has('dpkg-deb')) return undefined;
  const folder = join(cacheFolder(), 'redis');
  if (!existsSync(folder)) {
    progress('Fetching redis-server with apt-get download');
    if (!unpackInto(folder)) return undefined;
  }
  const libraries = ['usr/lib', 'lib'].flatMap((path) => libraryFolders(join(folder, path)));
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(delimiter) };
  // redis-server is a link to an absolute path that is not there; the program itself is redis-check-rdb.
  const names = ['redis-server', 'redis-check-rdb', 'redis-check-aof'].map((name) => join(folder, 'usr/bin', name));
  const command = names.find((name) => existsSync(name));
  return command === undefined ? undefined : { command, env };
}

function unpackInto(folder: string): boolean {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    // One by one: a release that has no package of one of the names still gets the others.
    for (const name of DEBIAN_PACKAGES) run('apt-get', ['download', name], draft);
    const packages = readdirSync(draft).filter((name) => name.endsWith('.deb'));
    for (const name of packages) execFileSync('dpkg-deb', ['-x', name, '.'], { cwd: draft, stdio: 'ignore' });
    if (packages.length === 0) return false;
    renameSync(draft, folder);
    return true;
  } catch {
    return existsSync(folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function libraryFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.map((entry) => join(folder, entry.name))];
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir() || tmpdir(), '.cache');
  return join(base, 'deptracker');
}

function installedByBrew(progress: Progress): RedisBinary | undefined {
  if (process.platform !== 'darwin' || !has('brew')) return undefined;
  progress('Installing redis with brew');
  run('brew', ['install', 'redis']);
  return onPath();
}
