import { createHash } from 'node:crypto';

/** Numbers that look random and are the same for the same seed (sfc32, https://pracrand.sourceforge.net). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `name` gives each use its own numbers, so that more of one thing does not change another. */
  constructor(seed: number, name: string) {
    const hash = createHash('sha256').update(`${seed} ${name}`).digest();
    [this.#a, this.#b, this.#c] = [hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8)];
  }

  /** From 0 to 2^32 - 1. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    return this.bits() / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }

  /** The index of a weight, as often as it is heavy. */
  weighted(weights: readonly number[]): number {
    let left = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    const index = weights.findIndex((weight) => (left -= weight) < 0);
    return index < 0 ? weights.length - 1 : index;
  }

  /** Log-normal: mostly near the median, sometimes many times as much. */
  logNormal(median: number, sigma: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(sigma * normal);
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.bits().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  /** A UUID of version 7 (RFC 9562) of this moment. */
  uuid(at: number): string {
    const time = at.toString(16).padStart(12, '0');
    const rest = this.hex(19);
    const variant = '89ab'[Number.parseInt(rest[3] ?? '0', 16) % 4];
    return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-${variant}${rest.slice(4, 7)}-${rest.slice(7)}`;
  }
}
