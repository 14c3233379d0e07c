/** The groups of operations, in the order in which the docs page shows them. */
export const TAGS = {
  Deployments: 'Versions of projects that go to environments.',
  Approvals: 'Decisions of people.',
  Slack: 'What Slack calls.',
  Jobs: 'What is owed to Jira and Slack and not done yet.',
  Stats: 'Counts, rates and latencies.',
  Operations: 'Health and metrics, for orchestrators and operators.',
} as const;

export type Tag = keyof typeof TAGS;
