import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { guardServer } from './guard.js';
import { postgresAccount } from './postgres-account.js';
import { postgresBinaries } from './postgres-binaries.js';
import { dataVersion, initialise, reachableDataDir, removePostgresData, stopLeftoverPostgres } from './postgres-data.js';
import { type ExitInfo, type ServerCommand, type ServerProcess, ServerStartError, startServerProcess } from './server-process.js';

/** How `startPostgres` starts. */
export interface PostgresOptions {
  /** Folder of the data; default a new one in the temporary folder. */
  readonly dataDir?: string;
  /** TCP port on 127.0.0.1; default a free one. */
  readonly port?: number;
  /** Keep the data at `stop()` and sync it to disk; default false. */
  readonly persistent?: boolean;
  /** Password of the user `postgres`, used when the data folder is made; needed again for an existing one. */
  readonly password?: string;
  /** End the server when this process dies; default true. */
  readonly guard?: boolean;
  readonly onLog?: (line: string) => void;
  /** Further settings, `name=value`; they win over ours. */
  readonly settings?: readonly string[];
}

/** A running Postgres. */
export interface PostgresServer {
  /** Address of the database `postgres`, with the superuser's password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<ExitInfo>;
  /** Fast shutdown; removes the data unless persistent. */
  stop(): Promise<void>;
  /** Sends a signal to the postmaster (default SIGKILL) and, for a deadly one, waits for its end; the data stay. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

const COMMON_FLAGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300'];
const THROW_AWAY_FLAGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
// After a SIGKILL of the postmaster its children go by themselves, but not at once.
const LEFTOVER_TEXTS = ['pre-existing shared memory block', 'Is another postmaster (PID', 'Is another postgres (PID'];
const START_TIMEOUT_MS = 60_000;
const START_TRIES = 50;
const GENTLE_STOP = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
] as const;
// Without data to keep there is nothing to write down.
const QUICK_STOP = [['SIGQUIT', 5_000]] as const;

/**
 * Starts a Postgres of its own: embedded binaries (else a system's), as the user `postgres` when we are root. Recovers
 * what an earlier owner left behind: a server still running, a stale lock, half-made data.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { persistent = false, password = 'postgres' } = options;
  const ownFolder = options.dataDir === undefined ? temporaryFolder() : undefined;
  const wantedDir = options.dataDir ?? join(ownFolder ?? '', 'data');
  const remove = (): void => {
    if (!persistent) removePostgresData(wantedDir);
    if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
  };
  try {
    const port = options.port ?? (await freePort());
    const { server, dataDir } = await launch({ ...options, persistent, password, wantedDir, port });
    const garbage = persistent ? '' : (ownFolder ?? dataDir);
    const callOff = options.guard === false ? undefined : guardServer(server.pid, persistent ? 'INT' : 'QUIT', garbage);
    return {
      url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
      port,
      pid: server.pid,
      exited: server.exited,
      kill: (signal = 'SIGKILL') => server.kill(signal),
      stop: async () => {
        await server.stop(persistent ? GENTLE_STOP : QUICK_STOP);
        callOff?.();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A new folder that the postgres user may pass through (mkdtemp's are for us alone). */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-postgres-'));
  chmodSync(folder, 0o711);
  return folder;
}

interface LaunchOptions {
  readonly wantedDir: string;
  readonly port: number;
  readonly password: string;
  readonly persistent: boolean;
  readonly onLog?: (line: string) => void;
  readonly settings?: readonly string[];
}

async function launch(options: LaunchOptions): Promise<{ server: ServerProcess; dataDir: string }> {
  const { wantedDir, persistent, password } = options;
  const account = postgresAccount();
  const dataDir = reachableDataDir(wantedDir, account);
  await stopLeftoverPostgres(dataDir);
  const version = dataVersion(dataDir);
  const binaries = postgresBinaries(account, version);
  if (version === undefined) initialise({ binaries, account, dataDir, password, throwAway: !persistent });
  const flags = [...COMMON_FLAGS, ...(persistent ? [] : THROW_AWAY_FLAGS), ...(options.settings ?? [])].flatMap((flag) => ['-c', flag]);
  const server = await startPatiently({
    name: `Postgres on port ${options.port}`,
    command: join(binaries.bin, 'postgres'),
    args: ['-D', dataDir, '-p', String(options.port), ...flags],
    spawnOptions: { ...account, cwd: '/' },
    // A standby's goes on otherwise.
    readyText: 'database system is ready to accept',
    readyTimeoutMs: START_TIMEOUT_MS,
    onLog: options.onLog,
  });
  return { server, dataDir };
}

async function startPatiently(command: ServerCommand): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startServerProcess(command);
    } catch (error) {
      const leftover = error instanceof ServerStartError && LEFTOVER_TEXTS.some((text) => error.log.includes(text));
      if (!leftover || attempt === START_TRIES) throw error;
      await delay(200);
    }
  }
}
