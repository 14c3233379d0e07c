import type { Database, UnitOfWork } from './database.js';
import { type MessageOf, type TicketOf, saveMessages, saveTickets } from './outside.js';
import { prepared } from './prepared.js';
import { linkTicketInMessage, showTicketInMessage, wakeChildren } from './related-effects.js';

/** What is stored together with an effect that was sent, and whom it concerns. */
export type Kept =
  /** A ticket of a deployment; its message shows the link. */
  | { readonly ticket: TicketOf & { readonly deploymentId: string } }
  /** A message; whoever waits for the effect `wakes` is due, and one without a ticket's link is looked at for one. */
  | { readonly message: MessageOf; readonly wakes: string | null; readonly withoutTicket: boolean };

/** An effect that was sent for the first time and answered, to be recorded under the fence of its claim. */
export interface SentEffect {
  readonly id: string;
  readonly fence: number;
  readonly externalId: string;
  readonly appliedRevision: number;
  /** As in `EffectPatch`. */
  readonly nextInMs: number | null;
  readonly kept: Kept;
}

// What `learnExternalId` and a successful `recordEffect` make of a row about which nobody has learned anything meanwhile.
const SETTLE = prepared('settle_sent', `
  WITH sent AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS s(id uuid, fence int, "externalId" text, "appliedRevision" int, "nextInMs" float8)),
  held AS MATERIALIZED (SELECT e.id FROM effects e WHERE e.id = ANY ($2::uuid[]) FOR UPDATE SKIP LOCKED)
  UPDATE effects e SET phase = 'sent', external_id = s."externalId", applied_revision = s."appliedRevision", attempts = 0,
    next_attempt_at = CASE WHEN e.desired_revision > s."appliedRevision" OR cardinality(e.extra_ids) > 0 THEN now()
      ELSE now() + make_interval(secs => s."nextInMs" / 1000.0) END,
    last_error = NULL, failing_since = NULL, first_sent_at = coalesce(e.first_sent_at, now()), lease_until = NULL,
    queued_until = NULL, updated_at = now()
  FROM sent s JOIN held ON held.id = s.id
  WHERE e.id = s.id AND e.id = ANY ($2::uuid[]) AND e.fence = s.fence AND e.phase = 'sending' AND e.external_id IS NULL AND e.discarded_at IS NULL
  RETURNING e.id, coalesce(e.next_attempt_at <= now(), false) AS due`);

// Shorter than Postgres waits before it looks for a deadlock: whoever holds one row waits for no other that a batch has.
const WAIT_LITTLE = `SET LOCAL lock_timeout = 100`;

/** Statements of their own, after the rows are locked: what was committed until then is seen, as each of them needs. */
async function keep(uow: UnitOfWork, all: readonly Kept[]): Promise<void> {
  const tickets = all.flatMap((one) => ('ticket' in one ? [one.ticket] : []));
  const messages = all.flatMap((one) => ('message' in one ? [one] : []));
  if (tickets.length > 0) {
    await saveTickets(uow, tickets);
    await showTicketInMessage(uow, ...tickets.map(({ deploymentId }) => deploymentId));
  }
  if (messages.length === 0) return;
  await saveMessages(uow, messages.map(({ message }) => message));
  const parents = messages.flatMap(({ wakes }) => (wakes === null ? [] : [wakes]));
  if (parents.length > 0) await wakeChildren(uow, ...new Set(parents));
  const without = messages.flatMap(({ message, withoutTicket }) => (withoutTicket ? [{ id: message.effectId }] : []));
  if (without.length > 0) await linkTicketInMessage(uow, ...without);
}

/**
 * Records many effects that were sent, with all that belongs to them, in one transaction; answered in their order. Null
 * for whoever is not in the common case (the fence is lost, something was learned meanwhile, the row is locked): of that
 * nothing is written, and it is to be recorded by itself. Fails, and has written nothing, where it would have to wait
 * long for a row that is concerned beside.
 */
export async function recordSent(database: Database, batch: readonly SentEffect[]): Promise<({ readonly due: boolean } | null)[]> {
  return database.transaction(async (uow) => {
    await uow.query(WAIT_LITTLE);
    const rows = batch.map(({ kept: _kept, ...row }) => row);
    const settled = new Map(
      (await uow.query<{ id: string; due: boolean }>(SETTLE, [JSON.stringify(rows), batch.map(({ id }) => id)])).map(({ id, due }) => [id, { due }]),
    );
    await keep(uow, batch.filter(({ id }) => settled.has(id)).map(({ kept }) => kept));
    return batch.map(({ id }) => settled.get(id) ?? null);
  });
}
