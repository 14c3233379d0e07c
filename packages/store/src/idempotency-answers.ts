import type { UnitOfWork } from './database.js';

export interface AnswerKey {
  /** What was asked for, such as `createProject`: the same key may be used for another operation. */
  readonly operation: string;
  readonly key: string;
}

/** What a key was answered with. */
export interface KeptAnswer {
  readonly bodyHash: string;
  readonly status: number;
  readonly answer: unknown;
}

/**
 * Takes the key for this unit of work, or tells what it was answered with; null means that it is ours. Waits for another
 * transaction that has taken it and is not over. A key whose time has passed is as good as new.
 */
export async function takeAnswerKey(uow: UnitOfWork, { operation, key }: AnswerKey, bodyHash: string, ttlSeconds: number): Promise<KeptAnswer | null> {
  const taken = await uow.query(
    `INSERT INTO idempotency_answers (operation, key, body_hash, expires_at)
     VALUES ($1, $2, $3, now() + make_interval(secs => $4))
     ON CONFLICT (operation, key) DO UPDATE SET body_hash = excluded.body_hash, status = NULL, answer = NULL, expires_at = excluded.expires_at
     WHERE idempotency_answers.expires_at <= now()
     RETURNING 1`,
    [operation, key, bodyHash, ttlSeconds],
  );
  if (taken.length === 1) return null;
  // In a statement of its own, because only that sees what was committed while the first one waited.
  const [kept] = await uow.query<{ bodyHash: string; status: number; answer: unknown }>(
    `SELECT body_hash AS "bodyHash", status, answer FROM idempotency_answers WHERE operation = $1 AND key = $2`,
    [operation, key],
  );
  if (kept === undefined) throw new Error(`The answer to the key of ${operation} was removed meanwhile.`);
  return kept;
}

/** Keeps the answer with the key that this unit of work has taken. */
export async function keepAnswer(uow: UnitOfWork, { operation, key }: AnswerKey, status: number, answer: unknown): Promise<void> {
  await uow.query('UPDATE idempotency_answers SET status = $3, answer = $4 WHERE operation = $1 AND key = $2', [
    operation,
    key,
    status,
    JSON.stringify(answer),
  ]);
}
