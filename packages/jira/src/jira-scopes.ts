import type { Scope } from '@deptracker/resilience';

/** Every request that the client sends, by its name in metrics and in the rate gate. */
export const JIRA_METHODS = {
  myself: 'read',
  createIssue: 'write',
  searchByLabels: 'read',
  getIssue: 'read',
  getTransitions: 'read',
  transition: 'write',
  updateIssue: 'write',
  listComments: 'read',
  addComment: 'write',
  linkIssues: 'write',
} as const;

export type JiraMethod = keyof typeof JIRA_METHODS;
export type JiraScopes = (method: JiraMethod, issueId?: string) => readonly Scope[];

/** The scope of everything that goes to Jira. */
export const ALL_OF_JIRA = 'jira';

export const methodScope = (method: JiraMethod): string => `jira:${method}`;
export const issueScope = (issueId: string): string => `jira:issue:${issueId}`;

/**
 * What a request counts against: the fleet's limit per minute, and the endpoint and (for writes) the issue, which have
 * no rate of ours but which Jira may block by a 429.
 */
export function jiraScopes(limitPerMinute: number): JiraScopes {
  return (method, issueId) => [
    { name: ALL_OF_JIRA, perMinute: limitPerMinute },
    { name: methodScope(method), perMinute: null },
    ...(issueId === undefined || JIRA_METHODS[method] === 'read'
      ? []
      : [{ name: issueScope(issueId), perMinute: null }]),
  ];
}
