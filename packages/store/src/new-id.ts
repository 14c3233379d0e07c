import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES = 16;

/** Random bytes for so many ids are asked of the system at once: each asking is a system call. */
const pool = new Uint8Array(256 * BYTES);
let used = pool.length;

function randomBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return pool.subarray(used - BYTES, used);
}

let msecs = 0;
let seq = 0;

/**
 * A new UUIDv7 (RFC 9562): ids of one process grow, within a millisecond and where the clock is set back too. The
 * random part comes as from `uuid` itself, in larger portions.
 */
export function newId(): string {
  const random = randomBytes();
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else {
    seq = (seq + 1) >>> 0;
    if (seq === 0) msecs += 1;
  }
  return v7({ random, msecs, seq });
}
