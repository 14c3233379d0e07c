import type pg from 'pg';

/** How long anybody waits for a connection, in milliseconds. */
const WAIT_MS = 1_000;

/**
 * How long a connection may take to come about. Longer than anybody waits: on a busy machine all attempts that are cut
 * off with the wait that started them would only be the load that keeps the next ones from succeeding.
 */
export const CONNECT_MS = 5_000;

/** A connection of the pool, or an error after one second; one that comes later goes back to the pool unused. */
export async function acquire(pool: pg.Pool): Promise<pg.PoolClient> {
  const coming = pool.connect();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, WAIT_MS, null);
  });
  try {
    const client = await Promise.race([coming, late]);
    if (client !== null) return client;
  } finally {
    clearTimeout(timer);
  }
  coming.then(
    (client) => client.release(),
    () => undefined,
  );
  throw new Error('timeout exceeded when trying to connect');
}

/** Says that the connection must not be used again. */
export type Spoil = (error: Error) => void;

/** Runs something on a connection and gives it back to its pool, or ends it where it broke or was said to be spoilt. */
export async function withClient<T>(client: pg.PoolClient, work: (spoil: Spoil) => Promise<T>): Promise<T> {
  let broken: Error | undefined;
  // The pool listens to idle connections only; one that breaks between two statements would end the process.
  const spoil: Spoil = (error) => {
    broken = error;
  };
  client.on('error', spoil);
  try {
    return await work(spoil);
  } finally {
    client.release(broken);
    client.off('error', spoil);
  }
}
