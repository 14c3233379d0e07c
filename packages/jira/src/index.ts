export { createJiraClient, createJiraProbe, type JiraClient } from './jira-client.js';
export type { JiraAccount } from './jira-http.js';
export type { JiraClientOptions } from './jira-send.js';
export { JIRA_METHODS, jiraScopes, type JiraMethod, type JiraScopes } from './jira-scopes.js';
export type {
  FoundIssue,
  JiraComment,
  JiraIssue,
  JiraIssueRef,
  JiraStatus,
  JiraTransition,
  JiraUser,
} from './jira-types.js';
export { MAX_LABELS } from './pages.js';
