import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Direction, ProxyMode } from './proxy-mode.js';

const SLICE_MS = 50;
const HIGH_WATER = 1024 * 1024;

export interface LaneOptions {
  readonly direction: Direction;
  readonly from: Socket;
  readonly to: Socket;
  readonly mode: () => ProxyMode;
  /** Whether the mode lets the source be read now. */
  readonly flowing: () => boolean;
  /** An answer is to be cut off here. */
  readonly cut: () => void;
}

/** One direction of a connection. Bytes keep their order, whatever mode comes while some are still on their way. */
export class Lane {
  /** Bytes were lost: what comes after them makes no sense any more. */
  broken = false;
  private tail: Promise<void> = Promise.resolve();
  private waiting = 0;
  private passed = 0;

  constructor(private readonly options: LaneOptions) {
    const { from, to } = options;
    from.on('data', (chunk) => { this.take(chunk); });
    from.on('end', () => { this.after(() => { to.end(); }); });
    to.on('drain', () => { this.resume(); });
  }

  /** A mode that cuts answers counts from its start. */
  recount(): void {
    this.passed = 0;
  }

  private take(chunk: Buffer): void {
    const mode = this.options.mode();
    if (this.broken || (mode.kind === 'halfOpen' && mode.swallows === this.options.direction)) {
      this.broken = true;
      return;
    }
    if (mode.kind === 'dropAnswer' && this.options.direction === 'answers') this.takeLast(chunk, mode.afterBytes);
    else if (this.waiting === 0 && mode.kind !== 'delay' && mode.kind !== 'slow') this.write(chunk);
    else this.queue(chunk, mode.kind === 'delay' ? performance.now() + mode.ms : 0);
  }

  private takeLast(chunk: Buffer, afterBytes: number): void {
    const rest = chunk.subarray(0, Math.max(0, afterBytes - this.passed));
    this.passed += rest.length;
    if (rest.length > 0) this.write(rest);
    if (rest.length < chunk.length) this.after(this.options.cut);
  }

  private queue(chunk: Buffer, due: number): void {
    this.waiting += chunk.length;
    if (this.waiting > HIGH_WATER) this.options.from.pause();
    this.after(async () => {
      const early = due - performance.now();
      if (early > 0) await delay(early, undefined, { ref: false });
      await this.pace(chunk);
      this.waiting -= chunk.length;
      this.resume();
    });
  }

  /** Writes slice by slice for as long as the mode is slow. */
  private async pace(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const mode = this.options.mode();
      const size = mode.kind === 'slow' ? Math.max(1, Math.round((mode.bytesPerSecond * SLICE_MS) / 1000)) : chunk.length;
      this.write(chunk.subarray(at, at + size));
      at += size;
      const pause = mode.kind === 'slow' ? Math.max(SLICE_MS, 1000 / mode.bytesPerSecond) : 0;
      if (pause > 0) await delay(pause, undefined, { ref: false });
    }
  }

  private after(step: () => void | Promise<void>): void {
    this.tail = this.tail.then(step).catch(() => undefined);
  }

  private write(chunk: Buffer): void {
    const { from, to } = this.options;
    if (!to.destroyed && !to.write(chunk)) from.pause();
  }

  private resume(): void {
    if (this.options.flowing() && this.waiting <= HIGH_WATER) this.options.from.resume();
  }
}
