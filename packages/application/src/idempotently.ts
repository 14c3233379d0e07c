import { createHash } from 'node:crypto';
import { DomainError, canonicalJson } from '@deptracker/domain';
import { type Database, type UnitOfWork, keepAnswer, takeAnswerKey } from '@deptracker/store';

export interface IdempotentOptions {
  /** What is asked for, such as `createProject`; a key counts within it. */
  readonly operation: string;
  /** The caller's Idempotency-Key; null is none, and then nothing is remembered. */
  readonly key: string | null;
  /** What makes a request with the same key the same. */
  readonly body: unknown;
  /** Seconds for which the answer is remembered. */
  readonly ttlSeconds: number;
}

export interface IdempotentAnswer<T> {
  readonly status: number;
  /** As JSON has it: a replay is read back from JSON. */
  readonly body: T;
  readonly replayed: boolean;
}

/**
 * Runs `run` in one transaction, and at most once per key: the same key with the same body gets the first answer again,
 * with another body `key_reused`. Concurrent ones wait for the first. Where `run` fails, nothing is kept, and the same
 * request may be sent again.
 */
export function idempotently<T>(
  database: Pick<Database, 'transaction'>,
  { operation, key, body, ttlSeconds }: IdempotentOptions,
  run: (uow: UnitOfWork) => Promise<{ readonly status: number; readonly body: T }>,
): Promise<IdempotentAnswer<T>> {
  const bodyHash = createHash('sha256').update(canonicalJson(body ?? null)).digest('base64url');
  return database.transaction(async (uow) => {
    if (key === null) return { ...(await run(uow)), replayed: false };
    const kept = await takeAnswerKey(uow, { operation, key }, bodyHash, ttlSeconds);
    if (kept === null) {
      const answer = await run(uow);
      await keepAnswer(uow, { operation, key }, answer.status, answer.body);
      return { ...answer, replayed: false };
    }
    if (kept.bodyHash !== bodyHash) {
      throw new DomainError({ code: 'key_reused', key: 'idempotency' }, 'This Idempotency-Key was used for another request; use a new one for a new request.');
    }
    return { status: kept.status, body: kept.answer as T, replayed: true };
  });
}
