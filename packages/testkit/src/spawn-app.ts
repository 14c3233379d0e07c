import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';
import { guardServer } from './guard.js';
import { eachLine, type ExitInfo, exitOf } from './server-process.js';
import { waitFor } from './wait-for.js';

/** How `spawnProcess` starts an app. */
export interface SpawnOptions {
  /** Wait until /health/ready answers 200 in the app's name; default true. */
  readonly waitReady?: boolean;
  /** How long to wait for it; default 20 000 ms. */
  readonly readyTimeoutMs?: number;
  /** Options of node itself, such as `--import`. */
  readonly nodeArgs?: readonly string[];
  /** The checkout whose build is started, if not this one; it does not count for coverage. */
  readonly root?: string;
}

/** A started app. */
export interface AppProcess {
  readonly pid: number;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly exited: Promise<ExitInfo>;
  /** All that it printed so far, stdout and stderr as they came. */
  output(): string;
  /** The JSON log lines so far. */
  logs(): Record<string, unknown>[];
  /** Sends a signal (default SIGKILL); resolves with its end, at once for SIGSTOP and SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<ExitInfo | undefined>;
  /** SIGTERM, and waits for its end; SIGKILL after `timeoutMs` (default 30 000). */
  stop(timeoutMs?: number): Promise<ExitInfo>;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
// All that a process gets from us unless the test says so: nothing of the developer's own settings leaks in.
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_V8_COVERAGE'];

/** Starts `node apps/<app>/dist/main.js` with `env` (PORT: a free one unless given) and waits until it is ready. */
export async function spawnProcess(
  app: string,
  env: Readonly<Record<string, string>>,
  options: SpawnOptions = {},
): Promise<AppProcess> {
  const port = env['PORT'] === undefined ? await freePort() : Number(env['PORT']);
  const { root = ROOT } = options;
  const inherited = Object.fromEntries(INHERITED.map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), join(root, 'apps', app, 'dist', 'main.js')], {
    cwd: root,
    env: { ...inherited, ...(root === ROOT ? {} : { NODE_V8_COVERAGE: '' }), HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const exited = exitOf(child);
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, (line) => lines.push(line));
  const callOff = guardServer(child.pid ?? 0, 'KILL');
  child.once('exit', callOff);
  const output = (): string => lines.join('\n');
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<ExitInfo | undefined> => {
    child.kill(signal);
    return signal === 'SIGSTOP' || signal === 'SIGCONT' ? undefined : exited;
  };
  const running: AppProcess = {
    pid: child.pid ?? 0,
    port,
    url: `http://127.0.0.1:${port}`,
    exited,
    output,
    logs: () => lines.flatMap(parseLog),
    kill,
    stop: async (timeoutMs = 30_000) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      const end = await exited;
      clearTimeout(timer);
      return end;
    },
  };
  if (options.waitReady !== false) await untilReady(app, running, () => child.exitCode, options.readyTimeoutMs);
  return running;
}

async function untilReady(
  app: string,
  running: AppProcess,
  exitCode: () => number | null,
  timeoutMs = 20_000,
): Promise<void> {
  const ready = async (): Promise<'ready' | 'ended' | false> => {
    if (exitCode() !== null) return 'ended';
    const response = await fetch(`${running.url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    const { service } = (await response.json()) as { service?: string };
    // Somebody else may have taken the port meanwhile; then the app ends soon.
    return response.ok && service === app && 'ready';
  };
  try {
    const outcome = await waitFor(ready, { timeoutMs, what: `${app} to be ready` });
    if (outcome === 'ended') throw new Error(`${app} ended with exit code ${exitCode()}`);
  } catch (error) {
    await running.kill();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\n${running.output()}`, { cause: error });
  }
}

function parseLog(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? [{ ...value }] : [];
  } catch {
    return [];
  }
}
