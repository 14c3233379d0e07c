import type { JiraComment, JiraIssue, JiraIssueRef, JiraStatus, JiraTransition, JiraUser } from './jira-types.js';

/** An answer that is not what the API documents; whoever reads it does not know what Jira did. */
export class Unparsable extends Error {
  override readonly name = 'Unparsable';
}

type Fields = Readonly<Record<string, unknown>>;

export function asRecord(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unparsable(`${what} is no object`);
  return value as Fields;
}

function asList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unparsable(`${what} is no list`);
  return value;
}

/** A text that must be there and not be empty. */
function asText(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new Unparsable(`${what} is missing`);
  return value;
}

function asStatus(value: unknown): JiraStatus {
  const status = asRecord(value, 'status');
  const category = asRecord(status['statusCategory'], 'statusCategory');
  return {
    id: asText(status['id'], 'status.id'),
    name: asText(status['name'], 'status.name'),
    category: asText(category['key'], 'statusCategory.key'),
  };
}

export function asUser(value: unknown): JiraUser {
  const user = asRecord(value, 'the user');
  const name = user['displayName'];
  return { accountId: asText(user['accountId'], 'accountId'), displayName: typeof name === 'string' ? name : '' };
}

export function asIssueRef(value: unknown): JiraIssueRef {
  const issue = asRecord(value, 'the issue');
  return { id: asText(issue['id'], 'id'), key: asText(issue['key'], 'key') };
}

export function asIssue(value: unknown): JiraIssue {
  const fields = asRecord(asRecord(value, 'the issue')['fields'] ?? {}, 'fields');
  const status = fields['status'];
  return { ...asIssueRef(value), fields, status: status === undefined ? null : asStatus(status) };
}

/** One page of `POST /search/jql`; `next` is null on the last one. */
export function asSearchPage(value: unknown): { issues: JiraIssue[]; next: string | null } {
  const page = asRecord(value, 'the page');
  const token = page['nextPageToken'];
  const issues = asList(page['issues'], 'issues').map(asIssue);
  return { issues, next: typeof token === 'string' && token !== '' && page['isLast'] !== true ? token : null };
}

export function asLabels(issue: JiraIssue): string[] {
  return asList(issue.fields['labels'], 'labels').filter((label) => typeof label === 'string');
}

export function asTransitions(value: unknown): JiraTransition[] {
  return asList(asRecord(value, 'the answer')['transitions'], 'transitions').map((one) => {
    const transition = asRecord(one, 'the transition');
    return {
      id: asText(transition['id'], 'transition.id'),
      name: asText(transition['name'], 'transition.name'),
      to: asStatus(transition['to']),
    };
  });
}

/** The text of a document in Atlassian's format, depth first, one line per block. */
function adfText(node: unknown): string {
  if (typeof node === 'string') return node;
  if (typeof node !== 'object' || node === null) return '';
  const { text, content } = node as { text?: unknown; content?: unknown };
  if (typeof text === 'string') return text;
  if (!Array.isArray(content)) return '';
  const parts = content.map(adfText);
  const inline = content.some((child) => (child as { type?: unknown } | null)?.type === 'text');
  return parts.join(inline ? '' : '\n');
}

/** One page of an issue's comments, with how many there are in all. */
export function asCommentPage(value: unknown): { comments: JiraComment[]; total: number } {
  const page = asRecord(value, 'the page');
  const comments = asList(page['comments'], 'comments').map((one) => {
    const comment = asRecord(one, 'the comment');
    return { id: asText(comment['id'], 'comment.id'), text: adfText(comment['body']) };
  });
  const total = page['total'];
  if (typeof total !== 'number') throw new Unparsable('total is missing');
  return { comments, total };
}

export function asCommentId(value: unknown): { id: string } {
  return { id: asText(asRecord(value, 'the comment')['id'], 'id') };
}

/** For answers of which only the status counts. */
export function asNothing(): undefined {
  return undefined;
}
