import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Account } from './postgres-account.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { commandLine, processIdentity } from './process-identity.js';
import { stopForeignProcess } from './server-process.js';

// Where data goes that the postgres user could not reach below the folder that was asked for.
const ROOT_DATA_DIR = '/var/lib/deptracker';

/**
 * The folder that really holds the data. Normally `dataDir`; where that lies below a folder that `account` may not
 * enter (root's home, say), a folder below /var/lib/deptracker, to which `dataDir` becomes a link.
 */
export function reachableDataDir(dataDir: string, account: Account): string {
  const wanted = resolve(dataDir);
  if (existsSync(wanted)) {
    const real = realpathSync(wanted);
    if (real !== wanted || account === undefined || canEnter(real, account)) return real;
  }
  mkdirSync(dirname(wanted), { recursive: true });
  if (account === undefined || canEnter(dirname(wanted), account)) return wanted;
  const elsewhere = join(ROOT_DATA_DIR, createHash('sha256').update(wanted).digest('hex').slice(0, 16));
  mkdirSync(elsewhere, { recursive: true });
  rmSync(wanted, { recursive: true, force: true });
  symlinkSync(elsewhere, wanted);
  return elsewhere;
}

function canEnter(folder: string, account: Account): boolean {
  return spawnSync('test', ['-x', folder], { ...account, cwd: '/' }).status === 0;
}

/** Removes a data folder, also where it was moved elsewhere (see `reachableDataDir`). */
export function removePostgresData(dataDir: string): void {
  const wanted = resolve(dataDir);
  const real = existsSync(wanted) ? realpathSync(wanted) : wanted;
  if (real !== wanted && real.startsWith(`${ROOT_DATA_DIR}/`)) rmSync(real, { recursive: true, force: true });
  rmSync(wanted, { recursive: true, force: true });
}

/** Major version of the Postgres that wrote the data folder; undefined when there are no data yet. */
export function dataVersion(dataDir: string): number | undefined {
  const file = join(dataDir, 'PG_VERSION');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : undefined;
}

/** What `initialise` needs. */
export interface InitOptions {
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly dataDir: string;
  readonly password: string;
  readonly throwAway: boolean;
}

/** Makes a new cluster with scram-sha-256 log-ins for the user `postgres`. */
export function initialise({ binaries, account, dataDir, password, throwAway }: InitOptions): void {
  // Made beside and renamed at the end, so that an initdb that was killed half-way leaves nothing that looks finished.
  const draft = `${dataDir}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const passwordFile = join(tmpdir(), `deptracker-${randomUUID()}`);
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (account) [draft, passwordFile].forEach((path) => chownSync(path, account.uid, account.gid));
  try {
    const flags = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8'];
    const args = [`--pgdata=${draft}`, `--pwfile=${passwordFile}`, ...flags, ...(throwAway ? ['--no-sync'] : [])];
    const result = spawnSync(join(binaries.bin, 'initdb'), args, { ...account, cwd: '/', encoding: 'utf8' });
    if (result.status !== 0) {
      throw new Error(`initdb failed: ${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, dataDir);
}

/**
 * Stops a Postgres that still serves `dataDir` because whoever started it died, and removes a lock file whose pid now
 * belongs to some other process (Postgres would refuse to start for it).
 */
export async function stopLeftoverPostgres(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const dataDir = realpathSync(folder);
  const lockFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(lockFile)) return;
  const pid = Number(readFileSync(lockFile, 'utf8').split('\n')[0]);
  const identity = processIdentity(pid);
  if (identity === undefined) return;
  const command = commandLine(pid);
  if (command.includes('postgres') && command.includes(dataDir)) {
    await stopForeignProcess(pid, identity, 'SIGINT', 15_000);
  } else if (command !== '') {
    rmSync(lockFile, { force: true });
  }
}
