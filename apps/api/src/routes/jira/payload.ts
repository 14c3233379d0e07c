import type { IssueNews } from '@deptracker/application';
import { labelledIds } from '@deptracker/views';
import { HttpRefusal } from '../../http/http-refusal.js';

/** What an issue event tells, without the name of its delivery. */
export type News = Omit<IssueNews, 'key'>;

type Fields = Readonly<Record<string, unknown>>;

const EVENTS = new Set(['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted']);
const LONGEST = 255;
const MOST_LABELS = 200;
const MOST_IDS = 5;

const asFields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

/** A text that Postgres can store; null for anything else. */
function asText(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.slice(0, LONGEST).replaceAll(/\p{Surrogate}|\0/gu, '').trim();
  return text === '' ? null : text;
}

/** A member that was told: what `read` makes of it, or null where Jira says that there is none; absent where it was not told. */
function told<T>(fields: Fields, name: string, read: (value: Fields) => T | null): Readonly<Record<string, T | null>> {
  const value = fields[name];
  if (value === undefined) return {};
  const inner = asFields(value);
  return { [name]: inner === null ? null : read(inner) };
}

function statusOf(value: unknown): Pick<News['issue'], 'status'> {
  const status = asFields(value);
  const [id, name, category] = [asText(status?.['id']), asText(status?.['name']), asText(asFields(status?.['statusCategory'])?.['key'])];
  return id === null || name === null || category === null ? {} : { status: { id, name, category } };
}

const personOf = (value: Fields): { id: string; name: string } | null => {
  const id = asText(value['accountId']);
  return id === null ? null : { id, name: asText(value['displayName']) ?? id };
};

const nameOf = (value: Fields): string | null => asText(value['name']);

const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(3000, 0);

/** Jira writes zones without a colon: 2026-11-20T16:19:05.000+0000. */
function momentOf(updated: unknown, timestamp: unknown): Date | null {
  const text = typeof updated === 'string' ? Date.parse(updated.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
  const ms = Number.isNaN(text) ? timestamp : text;
  return typeof ms === 'number' && ms >= EARLIEST && ms < LATEST ? new Date(ms) : null;
}

/** Whether an address of Jira's API is of this site. */
function isOf(site: string, self: unknown): boolean {
  return typeof self === 'string' && URL.canParse(self) && new URL(self).href.startsWith(`${new URL(site).href.replace(/\/+$/, '')}/rest/`);
}

const odd = (what: string): HttpRefusal => new HttpRefusal('invalid-request', `The payload is not one that Jira sends: ${what}.`);

/**
 * Reads what Jira sent; null where it says nothing about an issue. Another site's issue is `wrong-site`: its ids and keys
 * may be the same as ours. Nothing of the changelog is read, whose items may have members such as `toString`.
 */
export function asNews(payload: unknown, site: string): News | null {
  const event = asFields(payload);
  if (event === null) throw odd('it is no object');
  const issue = asFields(event['issue']);
  if (issue !== null && !isOf(site, issue['self'])) {
    throw new HttpRefusal('wrong-site', 'The issue is not one of the Jira site that this Dep Tracker works with.');
  }
  if (typeof event['webhookEvent'] !== 'string' || !EVENTS.has(event['webhookEvent'])) return null;
  if (issue === null) throw odd('the issue is missing');
  const fields = asFields(issue['fields']) ?? {};
  const deleted = event['webhookEvent'] === 'jira:issue_deleted';
  const [issueId, key] = [asText(issue['id']), asText(issue['key'])];
  // Deleting an issue does not update it.
  const at = deleted ? momentOf(null, event['timestamp']) : momentOf(fields['updated'], event['timestamp']);
  if (issueId === null || key === null || at === null) throw odd('id, key or time of the issue is missing');
  const labels = Array.isArray(fields['labels']) ? (fields['labels'] as unknown[]).slice(0, MOST_LABELS) : [];
  const summary = asText(fields['summary']);
  return {
    deleted,
    labelled: labelledIds(labels).slice(0, MOST_IDS),
    issue: {
      issueId,
      key,
      url: `${site}/browse/${encodeURIComponent(key)}`,
      at,
      ...(summary === null ? {} : { summary }),
      ...statusOf(fields['status']),
      ...told(fields, 'assignee', personOf),
      ...told(fields, 'priority', nameOf),
      ...told(fields, 'resolution', nameOf),
    },
  };
}
