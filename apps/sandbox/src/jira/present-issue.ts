import type { JsonObject } from '../json.js';
import type { Comment, Issue } from './issue.js';
import type { JiraState } from './jira-state.js';
import { LINK_TYPES } from './link-types.js';
import { type Status, type Transition, statusById } from './workflow.js';

const CATEGORIES = {
  new: { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
  indeterminate: { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, key: 'done', colorName: 'green', name: 'Done' },
} as const;

/** The account that owns the API token. */
export function account(base: string, email: string): JsonObject {
  const accountId = '5f0000000000000000sandbox';
  return {
    self: `${base}/user?accountId=${accountId}`,
    accountId,
    accountType: 'atlassian',
    emailAddress: email,
    displayName: 'Dep Tracker',
    active: true,
    timeZone: 'Etc/UTC',
  };
}

/** Jira's form of a time: 2026-01-31T12:00:00.000+0000. */
function time(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

function presentStatus(status: Status, base: string): JsonObject {
  const { id, name, category } = status;
  return { self: `${base}/status/${id}`, id, name, statusCategory: CATEGORIES[category] };
}

/** One row of GET …/transitions. */
export function presentTransition({ id, name, to }: Transition, base: string): JsonObject {
  const flags = { hasScreen: false, isGlobal: false, isInitial: false, isAvailable: true, isConditional: false };
  return { id, name, to: presentStatus(to, base), ...flags };
}

/** A comment as GET and POST …/comment give it. */
export function presentComment(comment: Comment, issue: Issue, base: string, author: JsonObject): JsonObject {
  const { id, body, created } = comment;
  const at = time(created);
  return {
    self: `${base}/issue/${issue.id}/comment/${id}`,
    id,
    author,
    body,
    created: at,
    updated: at,
    jsdPublic: true,
  };
}

function linksOf(issue: Issue, jira: JiraState): JsonObject[] {
  return jira.links.flatMap<JsonObject>(({ id, type, inward, outward }) => {
    const common = { id, type: { name: type, ...LINK_TYPES[type] } };
    if (inward === issue.key) return [{ ...common, outwardIssue: { key: outward, id: jira.find(outward)?.id } }];
    if (outward === issue.key) return [{ ...common, inwardIssue: { key: inward, id: jira.find(inward)?.id } }];
    return [];
  });
}

// A project's default, and what the workflow's last step sets.
const DEFAULT_PRIORITY = { id: '3', name: 'Medium' };
const resolutionOf = ({ statusId }: Issue): JsonObject | null =>
  statusById(statusId).category === 'done' ? { id: '10000', name: 'Done' } : null;

/**
 * An issue as GET and search give it.
 *
 * @param wanted names of fields; `*all` and `*navigable` give all of them
 */
export function presentIssue(
  issue: Issue,
  wanted: readonly string[],
  base: string,
  jira: JiraState,
  me: JsonObject,
): JsonObject {
  const comments = issue.comments.map((comment) => presentComment(comment, issue, base, me));
  const fields: Record<string, unknown> = {
    ...{ description: null, labels: [], assignee: null, priority: DEFAULT_PRIORITY, resolution: resolutionOf(issue) },
    ...issue.fields,
    project: { key: issue.project, name: issue.project },
    status: presentStatus(statusById(issue.statusId), base),
    created: time(issue.created),
    updated: time(issue.updated),
    creator: me,
    issuelinks: linksOf(issue, jira),
    comment: { comments, total: comments.length, maxResults: comments.length, startAt: 0 },
  };
  const all = wanted.includes('*all') || wanted.includes('*navigable');
  const chosen = Object.fromEntries(
    Object.entries(fields).filter(([name]) => (all || wanted.includes(name)) && !wanted.includes(`-${name}`)),
  );
  return { expand: '', id: issue.id, self: `${base}/issue/${issue.id}`, key: issue.key, fields: chosen };
}
