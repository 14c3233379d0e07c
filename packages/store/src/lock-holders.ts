import pg from 'pg';

const HOLDERS = `
SELECT b.pid, a.application_name AS name, a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::int AS seconds
FROM unnest(pg_blocking_pids($1)) AS b (pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid
ORDER BY a.xact_start NULLS LAST LIMIT 5`;

const LOOK_MS = 100;

/** One session that others wait for. What Postgres does not tell our user is null. */
export interface LockHolder {
  /** 0 is a transaction that was prepared and not ended (`pg_prepared_xacts`). */
  readonly pid: number;
  readonly name: string | null;
  readonly state: string | null;
  /** How long its transaction has been open. */
  readonly seconds: number | null;
}

/** Holders of locks for a person to read, oldest first. */
export function describeHolders(holders: readonly LockHolder[]): string {
  if (holders.length === 0) return 'nobody can say whom it waits for';
  return holders
    .map(({ pid, name, state, seconds }) => {
      const known = [name === null || name === '' ? null : name, state, seconds === null ? null : `transaction open for ${seconds} s`];
      return `held by pid ${pid} (${known.filter((part) => part !== null).join(', ') || 'not told more'})`;
    })
    .join('; ');
}

/** Whom a session waits for, watched from another one, because who waits cannot ask. */
export interface HolderWatch {
  /** Whom it was seen to wait for last, since somebody asked. */
  take(): readonly LockHolder[];
  stop(): Promise<void>;
}

/** Starts to watch a session from a connection of its own; where none can be had it sees nobody. */
export async function watchHolders(url: string, session: pg.Client): Promise<HolderWatch> {
  const [watched] = (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  let last: readonly LockHolder[] = [];
  let client: pg.Client | null = new pg.Client({ connectionString: url, application_name: 'migrate-watch', connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  const lost = (): void => {
    client = null;
  };
  client.on('error', lost);
  const opened = client;
  await opened.connect().catch(lost);
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    const seen = await client?.query<LockHolder>(HOLDERS, [watched?.pid]);
    if (seen !== undefined && seen.rows.length > 0) last = seen.rows;
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch(lost);
  }, LOOK_MS);
  return {
    take: () => {
      const seen = last;
      last = [];
      return seen;
    },
    stop: async () => {
      clearInterval(timer);
      await looking;
      await opened.end().catch(() => undefined);
    },
  };
}
