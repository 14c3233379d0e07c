import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from 'express';

const HUGE_BYTES = 100 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, ' ');
const DRIP_MS = 1_000;

/** Sends a body of 100 MB, or one byte a second, for as long as the caller listens. Both begin like JSON. */
export async function sendEndless(res: Response, kind: 'huge' | 'drip'): Promise<void> {
  res.status(200).type('json').setHeader('Content-Length', HUGE_BYTES);
  const step = kind === 'drip' ? CHUNK.subarray(0, 1) : CHUNK;
  res.write('{');
  for (let sent = 1; sent < HUGE_BYTES && !res.destroyed; sent += step.length) {
    const taken = res.write(step.subarray(0, Math.min(step.length, HUGE_BYTES - sent)));
    if (kind === 'drip') await delay(DRIP_MS, undefined, { ref: false });
    else if (!taken) await drained(res);
  }
  if (!res.destroyed) res.end();
}

async function drained(res: Response): Promise<void> {
  await new Promise<void>((resolve) => {
    res.once('drain', resolve).once('close', resolve);
  });
}
