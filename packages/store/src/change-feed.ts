import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { CHANGE_CHANNEL, type ChangeNotice, fromPayload } from './change-notice.js';

export interface ChangeListener {
  /** Something was changed and is committed. Must not take long: all listeners are told in turn. */
  changed(notice: ChangeNotice): void;
  /** Notices may have been missed, because there was no connection: what matters is to be looked at anew. */
  missed(): void;
}

/**
 * Hears what any process changes. Delivery is quick but not certain: who relies on it also looks by itself every few
 * seconds, and anew at `missed`.
 */
export interface ChangeFeed {
  /** Returns how to unsubscribe. */
  subscribe(listener: ChangeListener): () => void;
  /** Whether notices arrive at this moment, as far as is known. */
  connected(): boolean;
  /** Why there is no connection; null while there is one or before the first try has ended. */
  trouble(): string | null;
  close(): Promise<void>;
}

export interface ChangeFeedOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Called when the connection is lost, once until it is back. */
  readonly onLost?: (error: Error) => void;
}

const CONNECT_MS = 2_000;
/** A connection that died without a word is found out by asking; in between, the listeners' own looks must do. */
const PING_MS = 10_000;
const ANSWER_MS = 3_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
const CLOSE_MS = 1_000;

/** One connection of its own, outside the pool, that only listens. */
class Feed implements ChangeFeed {
  readonly #listeners = new Set<ChangeListener>();
  readonly #closing = new AbortController();
  readonly #options: ChangeFeedOptions;
  readonly #running: Promise<void>;
  #connected = false;
  #trouble: string | null = null;
  #failures = 0;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connected(): boolean {
    return this.#connected;
  }

  trouble(): string | null {
    return this.#trouble;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#listen(signal);
      } catch (error) {
        if (!signal.aborted) this.#lost(error instanceof Error ? error : new Error(String(error)));
      }
      this.#connected = false;
      const ms = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures) * (0.8 + 0.4 * Math.random());
      this.#failures += 1;
      await delay(ms, undefined, { signal }).catch(() => undefined);
    }
  }

  #lost(error: Error): void {
    const first = this.#trouble === null;
    this.#trouble = error.message;
    if (first) this.#options.onLost?.(error);
  }

  /** Listens until the connection ends, which is an error unless we are closing. */
  async #listen(signal: AbortSignal): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: this.#options.name,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    const over = new AbortController();
    const stop = (): void => over.abort();
    const ended = new Promise<never>((_resolve, reject) => {
      client.once('error', reject);
      client.once('end', () => reject(new Error('the connection ended')));
      over.signal.addEventListener('abort', () => reject(new Error('no longer needed')));
    });
    ended.catch(() => undefined);
    // A second error, after the first has ended the connection for us, must not end the process.
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.#hear(payload));
    signal.addEventListener('abort', stop);
    try {
      await Promise.race([ended, client.connect()]);
      await Promise.race([ended, client.query(`LISTEN ${CHANGE_CHANNEL}`)]);
      this.#settled();
      for (;;) {
        await Promise.race([ended, delay(PING_MS, undefined, { signal: over.signal })]);
        await Promise.race([ended, client.query('SELECT 1')]);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      over.abort();
      await Promise.race([client.end().catch(() => undefined), delay(CLOSE_MS, undefined, { ref: false })]);
    }
  }

  /** What happened until now may have been missed. */
  #settled(): void {
    this.#connected = true;
    this.#trouble = null;
    this.#failures = 0;
    for (const listener of this.#listeners) listener.missed();
  }

  #hear(payload: string | undefined): void {
    for (const notice of fromPayload(payload)) for (const listener of this.#listeners) listener.changed(notice);
  }
}

/** Starts to listen, and goes on trying for as long as there is no connection. */
export function createChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  return new Feed(options);
}
