import { url as inspectorUrl } from 'node:inspector';
import { Worker } from 'node:worker_threads';

/** What the watchdog's thread is told. */
export interface Watched {
  readonly service: string;
  /** One counter, shared by both threads. */
  readonly beats: Int32Array;
  readonly timeoutMs: number;
  /** Milliseconds between two looks. */
  readonly lookMs: number;
}

const LOOKS = 10;

/**
 * Ends this process with SIGKILL once it has given no sign of life for `timeoutMs`, so that whatever starts processes
 * starts it anew; returns how to give one. It watches from a thread of its own: also a blocked event loop is found out.
 * A process under a debugger is left alone.
 */
export function startWatchdog(service: string, timeoutMs: number): () => void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  if (inspectorUrl() !== undefined) return () => undefined;
  const workerData: Watched = { service, beats, timeoutMs, lookMs: Math.ceil(timeoutMs / LOOKS) };
  const thread = new Worker(new URL('watchdog-thread.js', import.meta.url), {
    workerData,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  // Without it the process is as good as before; that it fails must not be what ends it.
  thread.on('error', () => undefined);
  thread.unref();
  return () => {
    Atomics.add(beats, 0, 1);
  };
}
