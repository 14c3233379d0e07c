/** A status as Jira's workflow names it. `category` is `statusCategory.key`: new, indeterminate or done. */
export interface JiraStatus {
  readonly id: string;
  readonly name: string;
  readonly category: string;
}

export interface JiraTransition {
  readonly id: string;
  readonly name: string;
  readonly to: JiraStatus;
}

export interface JiraIssueRef {
  readonly id: string;
  readonly key: string;
}

export interface FoundIssue extends JiraIssueRef {
  readonly labels: readonly string[];
  readonly status: JiraStatus;
}

export interface JiraIssue extends JiraIssueRef {
  /** As Jira sent them; only those that were asked for. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Null unless `status` was asked for. */
  readonly status: JiraStatus | null;
}

export interface JiraComment {
  readonly id: string;
  /** All text of the comment without its formatting, to find a marker in. */
  readonly text: string;
}

export interface JiraUser {
  readonly accountId: string;
  readonly displayName: string;
}
