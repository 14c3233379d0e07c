import type pg from 'pg';
import { type Database, type Queryable, UnavailableError } from './database.js';
import type { ReplicaState, ReplicaWatch } from './replica.js';

/** Where reads go that may be a little out of date: lists and figures. */
export interface Reader extends Queryable {
  /**
   * The same for several statements of which a later one may not see less than an earlier one: once one of them went to
   * the primary, so do the rest.
   */
  steady(): Queryable;
  /** Null where there is no replica. */
  state(): ReplicaState | null;
  close(): Promise<void>;
}

export interface ReaderOptions {
  readonly primary: Database;
  readonly replica: Database;
  readonly watch: ReplicaWatch;
  readonly onRead?: (from: 'primary' | 'replica') => void;
}

/** Everything from the primary: there is no replica. */
export function readFromPrimary(primary: Database): Reader {
  return {
    query: (text, values) => primary.query(text, values),
    announce: (notice) => primary.announce(notice),
    steady: () => primary,
    state: () => null,
    close: () => Promise.resolve(),
  };
}

/** The statement was too much for it; it would be for the primary as well. */
const isTooLong = (error: unknown): boolean =>
  error instanceof UnavailableError && (error.cause as { code?: unknown } | null)?.code === '57014';

const LOST = Symbol('lost');

/**
 * Reads from the replica while it is known to be fresh enough, and else from the primary. Whatever fails there, or has not
 * answered when it is given up, is asked again at the primary: nobody notices that it is away but by the time it takes.
 */
export function createReader({ primary, replica, watch, onRead }: ReaderOptions): Reader {
  async function fromReplica<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly R[] | typeof LOST> {
    let forget: () => void = () => undefined;
    try {
      // Not raced against one promise for all reads, which would hold the rows of each as long as the replica is sound.
      return await new Promise((resolve, reject) => {
        forget = watch.onLost(() => resolve(LOST));
        replica.query<R>(text, values).then(resolve, reject);
      });
    } catch (error) {
      if (isTooLong(error)) throw error;
      if (error instanceof UnavailableError && !error.answered) watch.giveUp(error.message);
      return LOST;
    } finally {
      forget();
    }
  }

  async function read<R extends pg.QueryResultRow>(fresh: () => boolean, text: string, values?: readonly unknown[]): Promise<{ rows: readonly R[]; kept: boolean }> {
    const rows = fresh() ? await fromReplica<R>(text, values) : LOST;
    onRead?.(rows === LOST ? 'primary' : 'replica');
    return rows === LOST ? { rows: await primary.query<R>(text, values), kept: false } : { rows, kept: true };
  }

  const isFresh = (): boolean => watch.state().trouble === null;
  const announce: Queryable['announce'] = (notice) => primary.announce(notice);
  return {
    query: async (text, values) => (await read<never>(isFresh, text, values)).rows,
    announce,
    steady: () => {
      let kept = true;
      return {
        announce,
        query: async (text, values) => {
          const answer = await read<never>(() => kept && isFresh(), text, values);
          kept &&= answer.kept;
          return answer.rows;
        },
      };
    },
    state: () => watch.state(),
    close: async () => {
      watch.close();
      await replica.close();
    },
  };
}
