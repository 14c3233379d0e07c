import type pg from 'pg';
import { checkDecisions, checkEvents } from './check/life.js';
import { checkOrders, checkSettings } from './check/orders.js';
import { checkComments, checkDigests, checkMessages, checkOrphans, checkReplies, checkTickets } from './check/outside.js';
import { checkEffects, checkOwed } from './check/owed.js';
import { type Stored, readStored } from './check/stored.js';
import { checkUpdates } from './check/updates.js';
import type { History } from './history.js';
import type { Ledger } from './ledger.js';

export interface Verdict {
  readonly problems: readonly string[];
  /** Tickets and messages that were made twice and closed. */
  readonly duplicates: number;
  readonly stored: Stored;
}

/** Compares what was promised, what is stored and what stands outside. */
export async function check(pool: pg.Pool, ledger: Ledger, history: History, project: string, since: number): Promise<Verdict> {
  const stored = await readStored(pool, project);
  ledger.read();
  const tickets = checkTickets(stored, ledger);
  const messages = checkMessages(stored, ledger);
  const problems = [
    ...history.faults,
    ...checkOrders(history, stored),
    ...checkEvents(stored),
    ...checkDecisions(history, stored),
    ...checkUpdates(history, stored),
    ...checkSettings(stored),
    ...checkOwed(stored),
    ...checkEffects(history, stored, ledger),
    ...tickets.problems,
    ...messages.problems,
    ...checkComments(stored, ledger),
    ...checkReplies(stored, ledger),
    ...checkDigests(stored, ledger),
    ...(await checkOrphans(pool, ledger, since)),
  ];
  return { problems, duplicates: tickets.duplicates + messages.duplicates, stored };
}

