import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { eachLine, type ExitInfo, exitOf } from '@deptracker/testkit';
import { ROOT, type Variables } from '../local/environment.js';
import { describeExit, type Service } from './supervisor.js';

/** One app and what it is started with. */
export interface AppPlan {
  readonly name: string;
  /** The file that node runs. */
  readonly script: string;
  /** Where its health is asked for, such as http://127.0.0.1:8080. */
  readonly url: string;
  readonly env: Variables;
}

/** What happens to an app's process. */
export interface AppHooks {
  readonly onLine: (line: string) => void;
  readonly onSpawn: (pid: number) => void;
  readonly onExit: () => void;
}

/** An app that ended before it was ready; the message holds what it complained about. */
export class AppStartError extends Error {
  override readonly name = 'AppStartError';
}

const KEPT_COMPLAINTS = 20;
/** Memory in proportion to the work: else V8 takes what the machine has (docs/operations.md says the same for containers). */
const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=8', '--max-old-space-size=384'] as const;

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
// A little longer than an app's own limit (SHUTDOWN_TIMEOUT, 25 s).
const STOP_GRACE_MS = 30_000;

/** A service that runs an app with node and is ready when /health/ready answers 200. */
export function appService(plan: AppPlan, hooks: AppHooks): Service {
  return {
    name: plan.name,
    start: async (signal) => {
      // Its own process group: Ctrl-C in the terminal reaches only the launcher, which stops everything in order.
      const child = spawn(process.execPath, [...NODE_FLAGS, plan.script], {
        cwd: ROOT,
        env: plan.env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      if (child.pid !== undefined) hooks.onSpawn(child.pid);
      const complaints: string[] = [];
      eachLine(child.stdout, hooks.onLine);
      eachLine(child.stderr, (line) => {
        if (complaints.length < KEPT_COMPLAINTS) complaints.push(line);
        hooks.onLine(line);
      });
      child.once('exit', hooks.onExit);
      const exited = exitOf(child);
      try {
        await untilReady(plan, exited, signal);
      } catch (error) {
        child.kill('SIGKILL');
        await exited;
        throw new AppStartError([error instanceof Error ? error.message : String(error), ...complaints].join('\n'));
      }
      return { pid: child.pid ?? 0, exited, stop: (hurry) => stopApp(child, exited, hurry) };
    },
  };
}

async function untilReady(plan: AppPlan, exited: Promise<ExitInfo>, signal: AbortSignal): Promise<void> {
  let end: ExitInfo | undefined;
  const noted = exited.then((exit) => {
    end = exit;
  });
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await answersReady(plan.url, signal))) {
    if (end) throw new Error(`${plan.name} did not start (${describeExit(end)})`);
    if (performance.now() > deadline) throw new Error(`${plan.name} was not ready after ${READY_TIMEOUT_MS / 1000} s`);
    await Promise.race([delay(POLL_MS, undefined, { signal }), noted]);
  }
}

async function answersReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
    const response = await fetch(`${url}/health/ready`, { signal: limit });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function stopApp(child: ChildProcess, exited: Promise<ExitInfo>, hurry: AbortSignal): Promise<void> {
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const timer = setTimeout(kill, STOP_GRACE_MS);
  hurry.addEventListener('abort', kill);
  if (hurry.aborted) kill();
  else for (const signal of ['SIGTERM', 'SIGCONT'] as const) child.kill(signal);
  await exited;
  clearTimeout(timer);
  hurry.removeEventListener('abort', kill);
}

