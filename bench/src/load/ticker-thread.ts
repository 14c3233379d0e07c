import { parentPort } from 'node:worker_threads';

/** All in milliseconds; begin and end on the clock that all threads share. */
export interface Pace {
  readonly begin: number;
  readonly end: number;
  readonly gap: number;
}

const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const now = (): number => performance.timeOrigin + performance.now();

/** Ticks until the end, the last time at it or right after it; then nothing holds the thread. */
function tick({ begin, end, gap }: Pace): void {
  for (let next = begin; next < end; ) {
    next = begin + (Math.floor((now() - begin) / gap) + 1) * gap;
    Atomics.wait(nobody, 0, 0, Math.max(0, next - now()));
    parentPort?.postMessage('tick');
  }
}

parentPort?.once('message', tick);
parentPort?.postMessage('ready');
