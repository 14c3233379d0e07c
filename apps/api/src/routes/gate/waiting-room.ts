import { gate } from '@deptracker/domain';
import { type ChangeFeed, OverloadedError, type Seen } from '@deptracker/store';
import { Waiter } from './waiter.js';

export interface WaitingRoomOptions {
  /** Reads many deployments at once; those that do not exist are absent. */
  readonly read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Seen>>;
  readonly changes: Pick<ChangeFeed, 'subscribe'>;
  /** Callers that may wait at once; who comes beyond is sent away with `OverloadedError`. */
  readonly maxWaiting: number;
  /** Milliseconds between two looks at everything that is waited for, for when no notice comes. */
  readonly pollMs: number;
}

/** Where callers wait until the gate of their deployment opens or closes. Nobody holds a database connection meanwhile. */
export interface WaitingRoom {
  /**
   * What is known when the decision has fallen or `waitMs` are over, whichever is first; null where there is no such
   * deployment. Once `signal` aborts nobody waits any more, and what comes back means nothing.
   */
  look(id: string, waitMs: number, signal: AbortSignal): Promise<Seen | null>;
  waiting(): number;
  /** Everybody who waits is answered at once, and nobody waits from now on. */
  drain(): void;
}

/** Most ids of one read. */
const READ_IDS = 200;

class Room implements WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #inside = new Map<string, Set<Waiter>>();
  /** What is to be read anew. One read runs at a time, and what comes up meanwhile is read with the next. */
  readonly #stale = new Set<string>();
  #reading = false;
  #waiting = 0;
  #draining = false;
  #poll: NodeJS.Timeout | null = null;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
    options.changes.subscribe({
      changed: ({ kind, id }) => {
        if (kind === 'deployment') this.#refresh([id]);
      },
      missed: () => this.#refresh(this.#inside.keys()),
    });
  }

  look(id: string, waitMs: number, signal: AbortSignal): Promise<Seen | null> {
    const waiter = new Waiter(id, this.#draining ? 0 : waitMs, signal, (one) => this.#leave(one));
    const others = this.#inside.get(id) ?? new Set();
    this.#inside.set(id, others.add(waiter));
    this.#refresh([id]);
    return waiter.answer;
  }

  waiting(): number {
    return this.#waiting;
  }

  drain(): void {
    this.#draining = true;
    for (const waiters of [...this.#inside.values()]) for (const waiter of [...waiters]) waiter.giveUp();
  }

  #leave(waiter: Waiter): void {
    const others = this.#inside.get(waiter.id);
    others?.delete(waiter);
    if (others?.size === 0) this.#inside.delete(waiter.id);
    if (!waiter.waits) return;
    this.#waiting -= 1;
    if (this.#waiting > 0 || this.#poll === null) return;
    clearInterval(this.#poll);
    this.#poll = null;
  }

  #refresh(ids: Iterable<string>): void {
    for (const id of ids) if (this.#inside.has(id)) this.#stale.add(id);
    if (this.#reading || this.#stale.size === 0) return;
    this.#reading = true;
    this.#readStale().finally(() => {
      this.#reading = false;
      this.#refresh([]);
    }).catch(() => undefined);
  }

  async #readStale(): Promise<void> {
    // Who comes while this is read is told by the next one: theirs must not be older than their question.
    const present = [...this.#stale].slice(0, READ_IDS).map((id) => [id, [...(this.#inside.get(id) ?? [])]] as const);
    for (const [id] of present) this.#stale.delete(id);
    const waiters = present.flatMap(([, here]) => here);
    if (waiters.length === 0) return;
    try {
      const found = await this.#options.read(present.map(([id]) => id));
      for (const waiter of waiters) this.#show(waiter, found.get(waiter.id) ?? null);
    } catch (error) {
      // Who has seen something goes on waiting; the poll looks again.
      for (const waiter of waiters) if (!waiter.waits) waiter.fail(error);
    }
  }

  #show(waiter: Waiter, seen: Seen | null): void {
    const { decision, until } = seen === null ? { decision: null, until: null } : gate(seen.deployment, seen.now);
    if (decision !== 'waiting' || seen === null || waiter.over) {
      waiter.settle(seen);
      return;
    }
    if (!waiter.waits && this.#waiting >= this.#options.maxWaiting) {
      waiter.fail(new OverloadedError('Too many callers wait for a decision.'));
      return;
    }
    const lapsesInMs = until === null ? null : until.getTime() - seen.now.getTime();
    if (!waiter.waits) this.#waiting += 1;
    waiter.wait(seen, lapsesInMs, () => this.#refresh([waiter.id]));
    this.#poll ??= setInterval(() => this.#refresh(this.#inside.keys()), this.#options.pollMs);
  }
}

export function createWaitingRoom(options: WaitingRoomOptions): WaitingRoom {
  return new Room(options);
}
