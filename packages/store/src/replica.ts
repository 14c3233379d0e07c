import type { Database } from './database.js';

/** How far a replica is, as far as that is known. */
export interface ReplicaState {
  /** Milliseconds by which what it shows may be out of date; Infinity where nobody knows. */
  readonly ageMs: number;
  /** Why it is not asked; null while it is. */
  readonly trouble: string | null;
}

export interface ReplicaOptions {
  readonly primary: Pick<Database, 'query'>;
  readonly replica: Pick<Database, 'query'>;
  /** A replica that may be out of date by more is not asked. */
  readonly maxAgeMs: number;
  /** Between two looks. */
  readonly lookMs?: number;
}

/** A watch over a replica, by looking at both servers every second. */
export interface ReplicaWatch {
  state(): ReplicaState;
  /** Calls `leave` when the replica is given up, until the function that it returns is called: for whoever waits for its answer. */
  onLost(leave: () => void): () => void;
  /** A question to it failed: it is not asked again before it has answered a look. */
  giveUp(why: string): void;
  /** Looks once; the timer does the same. */
  look(): Promise<void>;
  close(): void;
}

interface Mark {
  readonly at: number;
  readonly lsn: bigint;
}

const LOOK_MS = 1_000;

/** A place in the write-ahead log, as text `16/B374D848` (https://www.postgresql.org/docs/current/datatype-pg-lsn.html). */
function lsnOf(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

const CLUSTER = '(SELECT system_identifier::text FROM pg_control_system()) AS cluster';
const WRITTEN = `SELECT pg_current_wal_flush_lsn()::text AS lsn, ${CLUSTER}`;
const REACHED = `SELECT pg_is_in_recovery() AS follows, pg_last_wal_replay_lsn()::text AS lsn, ${CLUSTER}`;

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  // Whoever comes late must not end the process.
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Watches a replica. The primary is asked how far it has written, then the replica how far it has come: what the replica
 * shows is at least as new as the latest such place that it has passed. No clock but this process's is used, and an idle
 * primary makes nothing look old. While the primary cannot be asked nothing is known to be new.
 */
export function watchReplica({ primary, replica, maxAgeMs, lookMs = LOOK_MS }: ReplicaOptions): ReplicaWatch {
  let marks: Mark[] = [];
  let freshAt = -Infinity;
  let trouble: string | null = 'it has not been looked at yet';
  const waiting = new Set<() => void>();
  const giveUp = (why: string): void => {
    trouble = why;
    freshAt = -Infinity;
    for (const leave of waiting) leave();
  };

  async function see(): Promise<void> {
    const at = performance.now();
    const [written] = await primary.query<{ lsn: string; cluster: string }>(WRITTEN);
    // What is older would not make it fresh any more.
    const useful = marks.filter((mark) => mark.at > freshAt && at - mark.at <= maxAgeMs);
    if (written !== undefined) marks = [...useful, { at, lsn: lsnOf(written.lsn) }];
    const [seen] = await inTime(replica.query<{ lsn: string | null; follows: boolean; cluster: string }>(REACHED), lookMs);
    if (seen?.follows !== true || seen.lsn === null) return giveUp('it is not a replica');
    if (seen.cluster !== written?.cluster) return giveUp('it is a replica of another server');
    const reached = lsnOf(seen.lsn);
    const passed = marks.filter(({ lsn }) => lsn <= reached).at(-1);
    if (passed !== undefined) freshAt = Math.max(freshAt, passed.at);
    trouble = null;
  }

  let looking: Promise<void> | null = null;
  const look = (): Promise<void> => {
    looking ??= see()
      .catch((error: unknown) => giveUp(error instanceof Error ? error.message : String(error)))
      .finally(() => (looking = null));
    return looking;
  };
  const tick = (): void => {
    look().catch((error: unknown) => giveUp(String(error)));
  };
  const timer = setInterval(tick, lookMs);
  timer.unref();
  tick();
  return {
    state: () => {
      const ageMs = performance.now() - freshAt;
      const late = `it may be ${Math.round(ageMs / 1000)} s behind`;
      return { ageMs, trouble: trouble ?? (ageMs > maxAgeMs ? late : null) };
    },
    onLost: (leave) => {
      waiting.add(leave);
      return () => waiting.delete(leave);
    },
    giveUp,
    look,
    close: () => clearInterval(timer),
  };
}
