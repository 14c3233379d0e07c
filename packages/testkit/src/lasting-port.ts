import { randomInt } from 'node:crypto';
import { isPortFree } from './free-port.js';

// Below what systems give to outgoing connections: one of those would take the port while its process is being replaced.
const FIRST = 12_000;
const LAST = 31_999;

const given = new Set<number>();

/** A port that stays free for the same place when its process ends and another one starts; never given to two places. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if (given.has(port)) continue;
    given.add(port);
    if (await isPortFree(port)) return port;
  }
}
