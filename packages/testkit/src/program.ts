import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** How to start a program here. */
export interface Program {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Tells what is being done when it takes longer than a moment. */
export type Progress = (message: string) => void;

/** A program that somebody else makes, and how it can be had. */
export interface Wanted {
  /** The names that it goes by, the best first. */
  readonly names: readonly string[];
  /** What makes it print its version and end. */
  readonly versionFlag: string;
  /** What it exits with then; default 0. */
  readonly versionStatus?: number;
  /** The package that apt installs, and the one that Homebrew does. */
  readonly debianPackage: string;
  readonly brewPackage: string;
  /** The packages that are unpacked where nothing may be installed, and the files in their usr/bin or usr/sbin to try. */
  readonly unpacked: { readonly packages: readonly string[]; readonly files: readonly string[] };
  /** apt starts what it installs as a service: unpack rather than install, also as root. */
  readonly ratherUnpacked?: true;
}

const SYSTEM_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'];

/**
 * Finds a program, or gets it: on the PATH, by apt as root, from unpacked Debian packages without root, by Homebrew.
 * Undefined when there is no way.
 */
export function findProgram(wanted: Wanted, progress: Progress): Program | undefined {
  const byApt = [installedByApt, unpackedPackages];
  for (const way of [onPath, ...(wanted.ratherUnpacked === true ? byApt.reverse() : byApt), installedByBrew]) {
    const found = way(wanted, progress);
    if (found && runs(found, wanted)) return found;
  }
  return undefined;
}

function runs({ command, env }: Program, { versionFlag, versionStatus = 0 }: Wanted): boolean {
  return spawnSync(command, [versionFlag], { env, stdio: 'ignore' }).status === versionStatus;
}

function onPath({ names }: Wanted): Program | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS].filter((folder) => folder !== '');
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const command = paths.find((path) => existsSync(path));
  return command === undefined ? undefined : { command, env: process.env };
}

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

const isRoot = (): boolean => process.getuid?.() === 0;

function run(command: string, args: readonly string[], cwd = '/'): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, [...args], { cwd, env, stdio: 'ignore' }).status === 0;
}

function installedByApt(wanted: Wanted, progress: Progress): Program | undefined {
  if (!isRoot() || !has('apt-get')) return undefined;
  progress(`Installing ${wanted.debianPackage} with apt-get`);
  run('apt-get', ['update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', wanted.debianPackage]);
  return onPath(wanted);
}

function unpackedPackages({ debianPackage, unpacked }: Wanted, progress: Progress): Program | undefined {
  if (process.platform !== 'linux' || !has('apt-get') || !has('dpkg-deb')) return undefined;
  const folder = join(cacheFolder(), unpackedName(debianPackage));
  if (!existsSync(folder)) {
    progress(`Fetching ${debianPackage} with apt-get download`);
    if (!unpackInto(folder, unpacked.packages)) return undefined;
  }
  const libraries = ['usr/lib', 'lib'].flatMap((path) => libraryFolders(join(folder, path)));
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(delimiter) };
  const paths = unpacked.files.flatMap((name) => ['usr/bin', 'usr/sbin'].map((below) => join(folder, below, name)));
  const command = paths.find((path) => existsSync(path));
  return command === undefined ? undefined : { command, env };
}

/** The folder's name: `redis` for `redis-server`. */
const unpackedName = (debianPackage: string): string => debianPackage.split('-', 1)[0] ?? debianPackage;

function unpackInto(folder: string, names: readonly string[]): boolean {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const downloaded = (): string[] => {
    // One by one: a release that has no package of one of the names still gets the others.
    for (const name of names) run('apt-get', ['download', name], draft);
    return readdirSync(draft).filter((name) => name.endsWith('.deb'));
  };
  try {
    let packages = downloaded();
    if (packages.length === 0 && isRoot() && run('apt-get', ['update'])) packages = downloaded();
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

function installedByBrew(wanted: Wanted, progress: Progress): Program | undefined {
  if (process.platform !== 'darwin' || !has('brew')) return undefined;
  progress(`Installing ${wanted.brewPackage} with brew`);
  run('brew', ['install', wanted.brewPackage]);
  return onPath(wanted);
}
