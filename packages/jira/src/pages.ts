import { type CallOptions, VendorError } from '@deptracker/resilience';
import type { Send } from './jira-send.js';
import type { FoundIssue, JiraComment } from './jira-types.js';
import { Unparsable, asCommentPage, asLabels, asSearchPage } from './parse.js';

/** Labels of one search. */
export const MAX_LABELS = 50;

const PAGE = 100;
const MAX_PAGES = 20;

/** A reserved place is good for the first page; the others wait for their own. */
function nextCall({ maxWaitMs, signal }: CallOptions): CallOptions {
  return { maxWaitMs, signal };
}

/** An answer that is not whole must never be taken for one in which something is absent. */
function endless(method: string): VendorError {
  const pages = `more than ${String(MAX_PAGES)} pages`;
  return new VendorError(
    { vendor: 'jira', certainty: 'unknown', fault: 'vendor', code: 'unparsable' },
    `${method}: the answer has ${pages}`,
  );
}

/** A JQL string (Atlassian's JQL reference: backslash and quotation mark are escaped by a backslash). */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

interface FoundPage {
  readonly issues: readonly FoundIssue[];
  readonly next: string | null;
}

function asFound(json: unknown): FoundPage {
  const { issues, next } = asSearchPage(json);
  const found = issues.map((issue) => {
    if (issue.status === null) throw new Unparsable('status is missing');
    return { id: issue.id, key: issue.key, labels: asLabels(issue), status: issue.status };
  });
  return { issues: found, next };
}

/** All issues that carry one of the labels; more than 50 labels is a RangeError, none finds nothing. */
export async function allWithLabels(send: Send, labels: readonly string[], call: CallOptions): Promise<FoundIssue[]> {
  if (labels.length > MAX_LABELS) throw new RangeError(`One search takes ${String(MAX_LABELS)} labels.`);
  if (labels.length === 0) return [];
  const search = { jql: `labels IN (${labels.map(quote).join(', ')})`, fields: ['labels', 'status'], maxResults: PAGE };
  const all: FoundIssue[] = [];
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const body: object = token === null ? search : { ...search, nextPageToken: token };
    const path = '/search/jql';
    const { issues, next }: FoundPage = await send(
      { method: 'searchByLabels', verb: 'POST', path, body, parse: asFound },
      page === 0 ? call : nextCall(call),
    );
    all.push(...issues);
    if (next === null) return all;
    token = next;
  }
  throw endless('searchByLabels');
}

/** All comments of an issue, oldest first. */
export async function allComments(
  send: Send,
  issueId: string,
  path: string,
  call: CallOptions,
): Promise<JiraComment[]> {
  const all: JiraComment[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { startAt: all.length, maxResults: PAGE, orderBy: 'created' };
    const { comments, total } = await send(
      { method: 'listComments', verb: 'GET', path, query, issueId, parse: asCommentPage },
      page === 0 ? call : nextCall(call),
    );
    all.push(...comments);
    if (comments.length === 0 || all.length >= total) return all;
  }
  throw endless('listComments');
}
