import { randomFillSync } from 'node:crypto';

/** Of an id's 16 bytes, those at the end are random. */
const RANDOM = 6;

/** Random bytes for so many ids are asked of the system at once: each asking is a system call. */
const pool = new Uint8Array(512 * RANDOM);
const seeds = new DataView(pool.buffer);
let used = pool.length;

function randomBytes(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM;
  return used - RANDOM;
}

/** Where the bytes stand in the text, and the digits that they are written with. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DIGITS = '0123456789abcdef';
const text = Buffer.from('00000000-0000-0000-0000-000000000000');

function write(index: number, byte: number): void {
  const place = PLACES[index] ?? 0;
  text[place] = DIGITS.charCodeAt((byte >>> 4) & 0xf);
  text[place + 1] = DIGITS.charCodeAt(byte & 0xf);
}

let msecs = 0;
/** 32 bits that grow within a millisecond. */
let seq = 0;

function writeTime(): void {
  const high = Math.floor(msecs / 0x1_0000);
  write(0, high >>> 24);
  write(1, high >>> 16);
  write(2, high >>> 8);
  write(3, high);
  write(4, msecs >>> 8);
  write(5, msecs);
}

/**
 * A new UUIDv7 (RFC 9562): ids of one process grow, within a millisecond and where the clock is set back too. As the `uuid`
 * package makes them (the time, 32 bits that count on from a random number, 42 random ones), but the text is written in
 * place: put together of its parts, an id leaves a kilobyte behind.
 */
export function newId(): string {
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // Half of the numbers are above it, so that a millisecond has enough of them.
    seq = seeds.getUint32(randomBytes()) >>> 1;
    writeTime();
  } else {
    seq = (seq + 1) >>> 0;
    if (seq === 0) {
      msecs += 1;
      writeTime();
    }
  }
  const at = randomBytes();
  write(6, 0x70 | (seq >>> 28));
  write(7, seq >>> 20);
  write(8, 0x80 | ((seq >>> 14) & 0x3f));
  write(9, seq >>> 6);
  write(10, ((seq << 2) & 0xfc) | ((pool[at] ?? 0) & 0x03));
  for (let index = 1; index < RANDOM; index += 1) write(10 + index, pool[at + index] ?? 0);
  return text.toString('latin1');
}
