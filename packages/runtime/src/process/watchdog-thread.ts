import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { listenOn } from './silence.js';
import type { Watched } from './watchdog.js';

// The thread of a watchdog: goes on also while the process's own thread is blocked.
const { service, beats, timeoutMs, lookMs } = workerData as Watched;
const counted = (): number => Atomics.load(beats, 0);
let silence = { beats: counted(), at: performance.now(), silentMs: 0 };

setInterval(() => {
  silence = listenOn(silence, { beats: counted(), at: performance.now() }, 2 * lookMs);
  if (silence.silentMs < timeoutMs) return;
  const line = { level: 'error', message: 'no sign of life, ending hard', service, timeout_ms: timeoutMs, time: new Date().toISOString() };
  try {
    // The logger belongs to the thread that is stuck.
    writeSync(2, `${JSON.stringify(line)}\n`);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}, lookMs);
