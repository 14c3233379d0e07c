import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { guardServer } from './guard.js';
import { processIdentity } from './process-identity.js';
import type { Program, Progress } from './program.js';
import { redisBinary } from './redis-binary.js';
import { type ExitInfo, type ServerProcess, startServerProcess, stopForeignProcess } from './server-process.js';

/** How `startRedis` starts. */
export interface RedisOptions {
  /** Folder of the data; default a new one in the temporary folder. */
  readonly dir?: string;
  /** TCP port on 127.0.0.1; default a free one. */
  readonly port?: number;
  /** Keep the data at `stop()`, and write the append-only file; default false. */
  readonly persistent?: boolean;
  /** Password that clients must give; default none. */
  readonly password?: string;
  /** End the server when this process dies; default true. */
  readonly guard?: boolean;
  readonly onLog?: (line: string) => void;
  /** Told when a server has to be installed first. */
  readonly onProgress?: Progress;
}

/** A running Redis. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<ExitInfo>;
  /** Ends it; removes the data unless persistent. */
  stop(): Promise<void>;
  /** Sends a signal (default SIGKILL) and, for a deadly one, waits for its end; the data stay. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it answering (SIGSTOP): connections stay open and hang. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

const OWNER_FILE = 'deptracker-owner.json';
const START_TIMEOUT_MS = 60_000;
const STOP = [['SIGTERM', 10_000]] as const;

/** Starts a Redis of its own; ends one that an earlier owner left running in the same folder. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const { persistent = false, password } = options;
  const binary = redisBinary(options.onProgress);
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'deptracker-redis-'));
  mkdirSync(dir, { recursive: true });
  await stopLeftoverRedis(dir);
  const port = options.port ?? (await freePort());
  writeConfig(dir, port, persistent, password);
  const server = await launch(binary, dir, port, options.onLog);
  const callOff = options.guard === false ? undefined : guardServer(server.pid, 'TERM', persistent ? '' : dir);
  return {
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    pid: server.pid,
    exited: server.exited,
    kill: (signal = 'SIGKILL') => server.kill(signal),
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
    stop: async () => {
      await server.stop(STOP);
      callOff?.();
      rmSync(persistent ? join(dir, OWNER_FILE) : dir, { recursive: true, force: true });
    },
  };
}

async function launch(
  binary: Program,
  dir: string,
  port: number,
  onLog: ((line: string) => void) | undefined,
): Promise<ServerProcess> {
  return startServerProcess({
    name: `Redis on port ${port}`,
    command: binary.command,
    args: [join(dir, 'redis.conf')],
    // The unpacked program goes by another file name; it decides by argv[0] what it is.
    spawnOptions: { env: binary.env, argv0: 'redis-server' },
    readyText: 'Ready to accept connections',
    readyTimeoutMs: START_TIMEOUT_MS,
    onLog,
    onSpawn: (pid) => {
      writeFileSync(join(dir, OWNER_FILE), JSON.stringify({ pid, identity: processIdentity(pid) }));
    },
  });
}

/** A file rather than arguments, so that the password is not in the process list. */
function writeConfig(dir: string, port: number, persistent: boolean, password: string | undefined): void {
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir "${dir}"`,
    'daemonize no',
    'save ""',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    `appendonly ${persistent ? 'yes' : 'no'}`,
    ...(password === undefined ? [] : [`requirepass "${password}"`]),
  ];
  writeFileSync(join(dir, 'redis.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** Stops a Redis that still serves `dir` because whoever started it died. */
export async function stopLeftoverRedis(dir: string): Promise<void> {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(dir, OWNER_FILE), 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('identity' in owner)) return;
    if (typeof owner.pid !== 'number' || typeof owner.identity !== 'string') return;
    await stopForeignProcess(owner.pid, owner.identity, 'SIGTERM', 10_000);
  } catch {
    // No note, or a torn one: nothing that we could say is ours.
  }
}
