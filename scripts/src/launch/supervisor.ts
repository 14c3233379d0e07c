import { setTimeout as delay } from 'node:timers/promises';
import type { ExitInfo } from '@deptracker/testkit';

/** A started service. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<ExitInfo>;
  /** Ends it gently; at once when `hurry` is or becomes aborted. */
  stop(hurry: AbortSignal): Promise<void>;
}

/** Something that runs until told otherwise. */
export interface Service {
  readonly name: string;
  /** Starts it and waits until it is ready; rejects when it ends before, and when `signal` aborts. */
  start(signal: AbortSignal): Promise<Running>;
}

/** Times in milliseconds. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** After running this long a service counts as healthy, and its next restart is quick again. */
  readonly healthyMs: number;
}

const BACKOFF: Backoff = { firstMs: 500, maxMs: 30_000, healthyMs: 60_000 };

/** Keeps one service running: started once by `start()`, and again with growing pauses whenever it ends by itself. */
export class Supervisor {
  readonly name: string;
  private readonly stopping = new AbortController();
  private running: Running | undefined;
  private watching: Promise<void> = Promise.resolve();

  constructor(
    private readonly service: Service,
    private readonly notice: (message: string) => void,
    private readonly backoff: Backoff = BACKOFF,
  ) {
    this.name = service.name;
  }

  /** The first start. A failure is the caller's to handle: nothing is tried again. */
  async start(): Promise<void> {
    this.running = await this.service.start(this.stopping.signal);
    this.watching = this.watch(this.running);
  }

  /** Ends the service for good, also in the middle of a restart. */
  async stop(hurry: AbortSignal): Promise<void> {
    this.stopping.abort();
    const { running } = this;
    await running?.stop(hurry);
    await this.watching;
    // A restart may have come through while we were stopping.
    if (this.running !== running) await this.running?.stop(hurry);
  }

  private async watch(first: Running): Promise<void> {
    let running = first;
    let pauseMs = this.backoff.firstMs;
    for (;;) {
      const since = performance.now();
      const exit = await running.exited;
      if (this.stopping.signal.aborted) return;
      if (performance.now() - since >= this.backoff.healthyMs) pauseMs = this.backoff.firstMs;
      this.notice(`${this.name} ended (${describeExit(exit)}); starting it again`);
      const next = await this.restart(pauseMs);
      if (!next) return;
      this.notice(`${this.name} is ready again`);
      running = next;
      this.running = next;
      pauseMs = Math.min(pauseMs * 2, this.backoff.maxMs);
    }
  }

  private async restart(firstPauseMs: number): Promise<Running | undefined> {
    const { signal } = this.stopping;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, this.backoff.maxMs)) {
      try {
        await delay(pauseMs, undefined, { signal });
        return await this.service.start(signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
        this.notice(`${reason}; trying again`);
      }
    }
  }
}

/** "exit code 1" or "SIGKILL". */
export function describeExit({ code, signal }: ExitInfo): string {
  return signal ?? `exit code ${code}`;
}
