import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, waitFor } from '@deptracker/testkit';

export interface Spawned {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  /** Milliseconds from the start to the first answer of /health/ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

export interface SpawnOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[];
  /** Where its log goes; default nowhere. */
  readonly logFile?: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const STOP_MS = 30_000;
const READY_MS = 60_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

/** Starts `node <script>` from the repository's root on a free port (unless env has one) and waits until it is ready. */
export async function spawnNode(name: string, script: string, { env, nodeArgs = [], logFile }: SpawnOptions): Promise<Spawned> {
  const { PATH = '', HOME = '' } = process.env;
  const port = env['PORT'] ?? String(await freePort());
  const log = logFile === undefined ? 'ignore' : openSync(logFile, 'a');
  const begin = performance.now();
  const child = spawn(process.execPath, [...nodeArgs, `${ROOT}${script}`], { cwd: ROOT, env: { PATH, HOME, PORT: port, ...env }, stdio: ['ignore', log, 'inherit'] });
  if (typeof log === 'number') closeSync(log);
  running.add(child);
  child.once('exit', () => running.delete(child));
  const url = `http://127.0.0.1:${port}`;
  const ready = async (): Promise<boolean> => child.exitCode !== null || (await fetch(`${url}/health/ready`)).ok;
  await waitFor(ready, { timeoutMs: READY_MS, intervalMs: 5, what: `${name} to be ready` });
  if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before it was ready.`);
  return { name, pid: child.pid ?? 0, url, readyMs: performance.now() - begin, stop: () => stop(child) };
}
