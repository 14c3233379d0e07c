import { setTimeout as delay } from 'node:timers/promises';
import { failpoint } from '@deptracker/runtime';
import type { ChangeFeed, ChangeListener } from './change-feed.js';
import { CHANGE_CHANNEL, type ChangeNotice, toPayloads } from './change-notice.js';
import { prepared } from './prepared.js';

const NOTIFY = prepared('notify', 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload');

/** Milliseconds between two statements at least: under load one tells of what many requests have changed. */
const GATHER_MS = 10;

export interface Announcer extends Pick<ChangeFeed, 'subscribe'> {
  /** Tells all listeners soon; returns at once. Only what is committed may be announced. */
  announce(notice: ChangeNotice): void;
  /** Resolves when all that was announced is told, or could not be. */
  settle(): Promise<void>;
}

/**
 * Tells listeners of changes, in statements of their own after the commit: a transaction that notifies keeps all others
 * that do from committing until it is on disk, and one that does nothing else has nothing to put there. One statement
 * runs at a time; what is announced meanwhile, and a moment longer, goes with the next. What cannot be told is found by the listeners' own
 * looks, as is what a process that died was about to tell.
 */
export function createAnnouncer(
  send: (sql: string, values: readonly unknown[]) => Promise<unknown>,
  onError: (error: Error) => void,
): Announcer {
  const pending = new Map<string, ChangeNotice>();
  const own = new Set<ChangeListener>();
  let telling: Promise<void> | null = null;
  const closing = new AbortController();

  async function tell(): Promise<void> {
    // What one batch has changed is announced in one turn, and goes together.
    await Promise.resolve();
    while (pending.size > 0) {
      const notices = [...pending.values()];
      pending.clear();
      try {
        await send(NOTIFY, [CHANGE_CHANNEL, toPayloads(notices)]);
        failpoint('after_notify');
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
      }
      await delay(GATHER_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
    telling = null;
  }

  return {
    announce(notice) {
      for (const listener of own) listener.changed(notice);
      const key = `${notice.kind} ${notice.id}`;
      const known = pending.get(key);
      if (known === undefined || known.revision < notice.revision) pending.set(key, notice);
      telling ??= tell();
    },
    subscribe(listener) {
      own.add(listener);
      return () => own.delete(listener);
    },
    settle: async () => {
      closing.abort();
      await telling;
    },
  };
}
