import type { Queryable } from './database.js';

/** A sign of life of one process, with what it wants others to see (breakers, gate, progress). */
export interface Heartbeat {
  readonly instance: string;
  readonly service: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Seconds since it was written, by the database's clock. */
  readonly ageSeconds: number;
}

/** Writes a sign of life, and forgets processes that have been silent for a day. */
export async function writeHeartbeat(db: Queryable, beat: Omit<Heartbeat, 'ageSeconds'>): Promise<void> {
  await db.query(
    `WITH gone AS (DELETE FROM heartbeats WHERE at < now() - interval '1 day' AND (service, instance) <> ($2, $1))
     INSERT INTO heartbeats (instance, service, detail) VALUES ($1, $2, $3)
     ON CONFLICT (service, instance) DO UPDATE SET detail = excluded.detail, at = now()`,
    [beat.instance, beat.service, JSON.stringify(beat.detail)],
  );
}

/** Takes back the sign of life of a process that ends in order. */
export async function removeHeartbeat(db: Queryable, service: string, instance: string): Promise<void> {
  await db.query('DELETE FROM heartbeats WHERE service = $1 AND instance = $2', [service, instance]);
}

/** The last sign of life of every process that is not long gone. */
export async function listHeartbeats(db: Queryable): Promise<Heartbeat[]> {
  return [
    ...(await db.query<Heartbeat>(
      `SELECT instance, service, detail, extract(epoch FROM now() - at)::float8 AS "ageSeconds"
       FROM heartbeats ORDER BY service, instance`,
    )),
  ];
}
