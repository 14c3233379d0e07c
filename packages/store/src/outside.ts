import type { Queryable } from './database.js';
import { prepared } from './prepared.js';

/** The Jira issue of a deployment as last seen outside. */
export interface TicketRecord {
  readonly issueId: string;
  readonly key: string;
  readonly url: string;
  readonly status: string | null;
  readonly statusId: string | null;
  readonly statusCategory: string | null;
  /** Hash of the summary and description that were last written. */
  readonly contentHash: string | null;
  /** Jira's time of what Jira last told by itself; null where it told nothing. */
  readonly seenAt: string | null;
  /** Somebody has deleted it in Jira. */
  readonly deleted: boolean;
}

/** A Slack message as last seen outside. `ts` names it within its channel. */
export interface MessageRecord {
  readonly effectId: string;
  readonly kind: string;
  readonly channelId: string;
  readonly ts: string;
  readonly contentHash: string | null;
}

/** What the outside shows of one deployment. */
export interface Outside {
  readonly ticket: TicketRecord | null;
  readonly messages: readonly MessageRecord[];
}

/** What `outsideColumns` give. */
export interface OutsideColumns {
  ticket: TicketRecord | null;
  messages: MessageRecord[] | null;
}

/** Columns `ticket` and `messages` of the deployment whose id is this expression. */
export function outsideColumns(id: string): string {
  return `(SELECT json_build_object('issueId', t.issue_id, 'key', t.key, 'url', t.url, 'status', t.status,
      'statusId', t.status_id, 'statusCategory', t.status_category, 'contentHash', t.content_hash,
      'seenAt', t.seen_at, 'deleted', t.deleted_at IS NOT NULL)
     FROM jira_tickets t WHERE t.deployment_id = ${id} AND t.issue_id IS NOT NULL) AS ticket,
   (SELECT json_agg(json_build_object('effectId', m.effect_id, 'kind', m.kind, 'channelId', m.channel_id,
      'ts', m.ts, 'contentHash', m.content_hash) ORDER BY m.ts)
     FROM slack_messages m WHERE m.deployment_id = ${id}) AS messages`;
}

export function toOutside({ ticket, messages }: OutsideColumns): Outside {
  return { ticket, messages: messages ?? [] };
}

const FIND = prepared('find_outside', `SELECT ids.id, ${outsideColumns('ids.id')} FROM unnest($1::uuid[]) AS ids(id)`);

/** Tickets and messages of many deployments in one statement; every id asked for has an entry. */
export async function findOutside(db: Queryable, deploymentIds: readonly string[]): Promise<Map<string, Outside>> {
  const rows = await db.query<OutsideColumns & { id: string }>(FIND, [deploymentIds]);
  return new Map(rows.map((row) => [row.id, toOutside(row)]));
}

// Jira may have told more while the caller worked from what it had read: then Jira's word stands.
const UNTOLD = 'jira_tickets.seen_at IS NOT DISTINCT FROM excluded.seen_at';
const unlessTold = (column: string): string =>
  `${column} = CASE WHEN ${UNTOLD} THEN coalesce(excluded.${column}, jira_tickets.${column}) ELSE jira_tickets.${column} END`;

// A row that was there before its issue; one that is made anew is not measured again.
const FIRST = 'jira_tickets.issue_id IS NULL AND cardinality(jira_tickets.other_ids) = 0';

/** What a worker knows of a ticket; fields left out keep what was known. */
export type KnownTicket = Pick<TicketRecord, 'issueId' | 'key' | 'url'> & Partial<TicketRecord> & { readonly summary?: string };

/** A ticket with what it is of. */
export type TicketOf = KnownTicket & { readonly effectId: string; readonly deploymentId: string | null };

const SAVE_TICKETS = prepared('save_tickets', `
  INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, status, status_id, status_category, content_hash,
    summary, seen_at, owed_at)
  SELECT t."deploymentId", t."effectId", t."issueId", t.key, t.url, t.status, t."statusId", t."statusCategory", t."contentHash",
    t.summary, t."seenAt", coalesce((SELECT e.created_at FROM effects e WHERE e.id = t."effectId"), now())
  FROM json_to_recordset($1::json) AS t("deploymentId" uuid, "effectId" uuid, "issueId" text, key text, url text, status text,
    "statusId" text, "statusCategory" text, "contentHash" text, summary text, "seenAt" timestamptz)
  ON CONFLICT (effect_id) DO UPDATE SET issue_id = excluded.issue_id,
    ${['key', 'url', 'status', 'status_id', 'status_category', 'summary'].map(unlessTold).join(', ')},
    content_hash = coalesce(excluded.content_hash, jira_tickets.content_hash), updated_at = now(),
    created_at = CASE WHEN ${FIRST} THEN now() ELSE jira_tickets.created_at END`);

/**
 * Stores or corrects the tickets that effects have, each effect once. `seenAt` is that of the record from which the caller
 * worked: where Jira has told something since, what it said stays.
 */
export async function saveTickets(db: Queryable, tickets: readonly TicketOf[]): Promise<void> {
  await db.query(SAVE_TICKETS, [JSON.stringify(tickets)]);
}

/** Stores or corrects one. */
export function saveTicket(db: Queryable, deploymentId: string | null, effectId: string, ticket: KnownTicket): Promise<void> {
  return saveTickets(db, [{ ...ticket, deploymentId, effectId }]);
}

/** A message with what it is of. */
export type MessageOf = MessageRecord & { readonly deploymentId: string | null; readonly threadTs?: string | null };

const SAVE_MESSAGES = prepared('save_messages', `
  INSERT INTO slack_messages (effect_id, deployment_id, kind, channel_id, ts, thread_ts, content_hash)
  SELECT m."effectId", m."deploymentId", m.kind, m."channelId", m.ts, m."threadTs", m."contentHash"
  FROM json_to_recordset($1::json) AS m("effectId" uuid, "deploymentId" uuid, kind text, "channelId" text, ts text,
    "threadTs" text, "contentHash" text)
  ON CONFLICT (effect_id) DO UPDATE SET channel_id = excluded.channel_id, ts = excluded.ts,
    content_hash = coalesce(excluded.content_hash, slack_messages.content_hash), updated_at = now()`);

/** Stores or corrects where effects' messages stand and what they last showed, each effect once. */
export async function saveMessages(db: Queryable, messages: readonly MessageOf[]): Promise<void> {
  await db.query(SAVE_MESSAGES, [JSON.stringify(messages)]);
}

/** Stores or corrects one. */
export function saveMessage(db: Queryable, message: MessageOf): Promise<void> {
  return saveMessages(db, [message]);
}
