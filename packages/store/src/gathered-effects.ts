import { type Database, UnavailableError } from './database.js';
import { type Claim, type Intent, claimEffect, claimEffects, findEffects, intendToSend, intendToSendAll } from './claim-effects.js';
import type { Effect } from './effect-row.js';
import { createGatheredReads } from './gathered-reads.js';
import { OverloadedError, createGroupCommit } from './group-commit.js';
import { type SentEffect, recordSent } from './record-sent.js';

/**
 * What every run asks of its effect, gathered over all runs of a process into one statement at a time. Each means what
 * its single form means, and is committed when it is answered.
 */
export interface GatheredEffects {
  /** As `findEffect`. */
  find(id: string): Promise<Effect | null>;
  /** As `claimEffect`. */
  claim(claim: Claim): Promise<Effect | null>;
  /** As `intendToSend`. */
  intend(effect: Effect, timeoutMs: number): Promise<boolean>;
  /**
   * As `recordSent`: null where nothing is written for this effect and it is to be recorded by itself, also after a failure
   * that the database itself has told. Fails only where nobody knows what was written.
   */
  sent(effect: SentEffect): Promise<{ readonly due: boolean } | null>;
}

/**
 * Two statements under way, so that one that is slow does not hold up all; the second only for many, because one for few
 * costs nearly as much. Never more waiting than runs at once.
 */
export const GATHERING = { maxBatch: 128, maxWaiting: 10_000, beside: 24 } as const;
export const AT_ONCE = 2;

/** Whoever waited too long for a place has hit a database that has no time: for a run that is an outage like any other. */
export async function asOutage<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OverloadedError) throw new UnavailableError(error.message, true, error);
    throw error;
  }
}

/**
 * Gathers them. A statement for many never waits for a row that somebody holds while it holds others, so that it takes
 * part in no deadlock: such a row is left out, and asked for once more by itself.
 */
export function gatherEffects(database: Database): GatheredEffects {
  const limits = { ...GATHERING, writers: AT_ONCE };
  const find = createGatheredReads({ ...GATHERING, readers: AT_ONCE, read: (ids) => findEffects(database, ids) });
  const claims = createGroupCommit<Claim, Effect | null>({ ...limits, write: (batch) => claimEffects(database, batch) });
  const intents = createGroupCommit<Intent, boolean>({ ...limits, write: (batch) => intendToSendAll(database, batch) });
  // One that fails is not halved: each goes on by itself, so that the innocent do not wait for the guilty.
  const records = createGroupCommit<SentEffect, { readonly due: boolean } | null>({ ...limits, divides: false, write: (batch) => recordSent(database, batch) });
  return {
    find: (id) => asOutage(find(id)),
    claim: async (claim) => (await asOutage(claims.write(claim))) ?? claimEffect(database, claim),
    intend: async (effect, timeoutMs) => {
      const { id, fence } = effect;
      return (await asOutage(intents.write({ id, fence, timeoutMs }))) || intendToSend(database, effect, timeoutMs);
    },
    sent: async (effect) => {
      try {
        return await records.write(effect);
      } catch (error) {
        if (error instanceof UnavailableError && !error.answered) throw error;
        return null;
      }
    },
  };
}
