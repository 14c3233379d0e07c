import { STATUS_RULES, limit } from '@deptracker/domain';
import { keysOf } from '@deptracker/application';
import type { Story } from './story.js';

/** What a column of a row holds, before it is written as text. */
export type Value = string | number | boolean | Date | null | object;

/** A table, and the columns in whose order its rows are written. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Rows by table, as lines in the text format of COPY (https://www.postgresql.org/docs/current/sql-copy.html). */
export type Rows = Map<Table, string[]>;

const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function asText(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return SPECIAL.test(text) ? text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? '') : text;
}

export function add(rows: Rows, table: Table, values: readonly Value[]): void {
  const line = `${values.map(asText).join('\t')}\n`;
  const known = rows.get(table);
  if (known === undefined) rows.set(table, [line]);
  else known.push(line);
}

const table = (name: string, columns: string): Table => ({ name, columns: columns.split(' ') });

const DEPLOYMENTS = table(
  'deployments',
  'id revision project environment version commit_sha ref description requested_by source external_id links metadata retry_of ' +
    'rollback_of promoted_from status approval_status approvals_required eligible requester_may_approve approval_expires_at channel_id ' +
    'timeout_s limit_at created_at updated_at started_at finished_at',
);
const KEYS = table('deployment_keys', 'kind key deployment_id body_hash expires_at');
const DECISIONS = table('decisions', 'deployment_id actor decision reason at');
const EVENTS = table('events', 'deployment_id revision id type actor data request_id at');

/** The deployment itself, with the key by which it is known again. */
export function addDeployment(rows: Rows, { deployment: d, told }: Story): void {
  add(rows, DEPLOYMENTS, [
    d.id, d.revision, d.project, d.environment, d.version, d.commitSha, d.ref, d.description, d.requestedBy, d.source, d.externalId,
    d.links, d.metadata, d.retryOf, d.rollbackOf, d.promotedFrom, d.status, d.approval.status, d.approval.required,
    // Seeded policies let anybody decide.
    null, d.approval.requesterMayApprove, d.approval.expiresAt, d.channelId, d.timeoutSeconds, limit(d)?.at ?? null, d.createdAt,
    d.updatedAt, d.startedAt, d.finishedAt,
  ]);
  const request = told[0]?.event.data.request;
  if (request === undefined) throw new Error(`Deployment ${d.id} was not created by an event.`);
  for (const { kind, key, bodyHash } of keysOf({ request, idempotencyKey: null, fingerprint: request }, 0)) {
    add(rows, KEYS, [kind, key, d.id, bodyHash, null]);
  }
}

/** Its audit trail and who decided. */
export function addTrail(rows: Rows, { deployment: d, told }: Story): void {
  for (const { decision, actor, reason, at } of d.approval.decisions) add(rows, DECISIONS, [d.id, actor, decision, reason, at]);
  for (const { id, event, at } of told) add(rows, EVENTS, [d.id, event.revision, id, event.type, event.actor, event.data, null, new Date(at)]);
}

/** What a ticket's status is called that shows this deployment. */
export function ticketStatus({ deployment }: Story): { readonly name: string; readonly category: string } {
  const category = STATUS_RULES[deployment.status].ticket;
  return { name: { new: 'To Do', indeterminate: 'In Progress', done: 'Done' }[category], category };
}
