import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.js';

/** How a process ended: an exit code, or the signal that killed it. */
export interface ExitInfo {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What to start, and how to know that it is up. */
export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly spawnOptions?: SpawnOptions;
  /** Text on stdout or stderr that says "ready". */
  readonly readyText: string;
  readonly readyTimeoutMs: number;
  readonly onLog?: ((line: string) => void) | undefined;
  /** Told the pid as soon as there is one, long before the server is ready. */
  readonly onSpawn?: (pid: number) => void;
}

/** A started server process. */
export interface ServerProcess {
  readonly pid: number;
  readonly exited: Promise<ExitInfo>;
  /** The last lines it printed. */
  log(): string;
  /** Sends a signal; for a deadly one resolves after its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Sends each signal in turn, waits so long for its end, then SIGKILL. */
  stop(steps: readonly (readonly [NodeJS.Signals, number])[]): Promise<void>;
}

/** A server that ended, or was not ready in time, while it started; carries what it printed. */
export class ServerStartError extends Error {
  constructor(
    message: string,
    readonly log: string,
  ) {
    super(`${message}\n${log}`.trimEnd());
    this.name = 'ServerStartError';
  }
}

const KEPT_LINES = 200;
const DEADLY = new Set<NodeJS.Signals>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT']);

/** Starts a server in a process group of its own (Ctrl-C in a terminal does not reach it) and waits until it is ready. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const child = spawn(command.command, [...command.args], {
    detached: true,
    ...command.spawnOptions,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) command.onSpawn?.(child.pid);
  const lines: string[] = [];
  const exited = exitOf(child);
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        command.onLog?.(line);
        if (line.includes(command.readyText)) resolve();
      });
    }
  });
  const outcome = await firstOf(ready, exited, spawnErrorOf(child), command.readyTimeoutMs);
  if (outcome !== 'ready') {
    child.kill('SIGKILL');
    throw new ServerStartError(`${command.name} did not start: ${outcome}`, lines.join('\n'));
  }
  return controls(child, exited, lines);
}

async function firstOf(
  ready: Promise<void>,
  exited: Promise<ExitInfo>,
  spawnError: Promise<Error>,
  timeoutMs: number,
): Promise<string> {
  const abort = new AbortController();
  const outcome = await Promise.race([
    ready.then(() => 'ready'),
    spawnError.then((error) => error.message),
    exited.then(({ code, signal }) => `it ended with ${signal ?? `exit code ${code}`}`),
    delay(timeoutMs, `not ready after ${timeoutMs} ms`, { signal: abort.signal }).catch(() => 'cancelled'),
  ]);
  abort.abort();
  return outcome;
}

async function spawnErrorOf(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
  });
}

const OUTPUT_GRACE_MS = 1_000;

/** Resolves when the child has ended and its output was read (a grandchild that keeps the pipe open is not awaited). */
export async function exitOf(child: ChildProcess): Promise<ExitInfo> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      setTimeout(resolve, OUTPUT_GRACE_MS, { code, signal }).unref();
    });
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

/** Calls `take` with every line of a stream, the last one included if it has no line end. */
export function eachLine(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(take);
  });
  stream?.on('end', () => {
    if (rest !== '') take(rest);
  });
}

function controls(child: ChildProcess, exited: Promise<ExitInfo>, lines: readonly string[]): ServerProcess {
  const pid = child.pid ?? 0;
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    exited,
    log: () => lines.join('\n'),
    kill: async (signal) => {
      if (!running()) return;
      child.kill(signal);
      if (DEADLY.has(signal)) await exited;
    },
    stop: async (steps) => {
      // A stopped (SIGSTOP) process would not see any other signal.
      if (running()) child.kill('SIGCONT');
      for (const [signal, graceMs] of steps) {
        if (!running()) break;
        child.kill(signal);
        if (await endsWithin(exited, graceMs)) return;
      }
      if (running()) child.kill('SIGKILL');
      await exited;
    },
  };
}

async function endsWithin(exited: Promise<ExitInfo>, ms: number): Promise<boolean> {
  const abort = new AbortController();
  const ended = await Promise.race([
    exited.then(() => true),
    delay(ms, false, { signal: abort.signal }).catch(() => false),
  ]);
  abort.abort();
  return ended;
}

/**
 * Stops a process that is not our child: SIGCONT and `signal`, then SIGKILL after `graceMs`. Does nothing unless the
 * process is still the one whose identity was noted, so that a reused pid is never hit.
 */
export async function stopForeignProcess(
  pid: number,
  identity: string,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  const signals: readonly (readonly [NodeJS.Signals, number])[] = [
    [signal, graceMs],
    ['SIGKILL', 5_000],
  ];
  for (const [step, waitMs] of signals) {
    if (processIdentity(pid) !== identity) return;
    sendSignal(pid, step);
    sendSignal(pid, 'SIGCONT');
    const end = performance.now() + waitMs;
    while (performance.now() < end && processIdentity(pid) === identity) await delay(20);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}
