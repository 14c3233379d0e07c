/** Every method that the stand-ins offer, as faults, limits, counters and the ledger name it after its system. */
export const METHODS = {
  jira: [
    ...['myself', 'createIssue', 'search', 'getIssue', 'updateIssue', 'getTransitions', 'transition'],
    ...['listComments', 'addComment', 'linkIssues', 'webhook'],
  ],
  slack: [
    ...['auth.test', 'chat.postMessage', 'chat.update', 'chat.delete', 'chat.postEphemeral'],
    ...['conversations.history', 'conversations.replies', 'users.info', 'response_url'],
    ...['views.open', 'views.publish', 'views.update'],
  ],
} as const;

/** Which vendor is played. */
export type System = keyof typeof METHODS;

/** `jira.createIssue`, … and the wildcards `jira.*`, `slack.*` and `*`. */
export const METHOD_PATTERNS: readonly string[] = [
  ...['*', 'jira.*', 'slack.*'],
  ...METHODS.jira.map((method) => `jira.${method}`),
  ...METHODS.slack.map((method) => `slack.${method}`),
];

/** Whether a pattern of METHOD_PATTERNS means this method. */
export function matchesMethod(pattern: string, method: string): boolean {
  return pattern === '*' || pattern === method || (pattern.endsWith('.*') && method.startsWith(pattern.slice(0, -1)));
}
