/** The groups of operations, in the order in which the docs page shows them. */
export const TAGS = {
  Deployments: 'Versions of projects that go to environments.',
  Approvals: 'Decisions of people.',
  Projects: 'What is deployed.',
  Environments: 'Where it is deployed, and who must approve.',
  Slack: 'Messages, and what Slack calls.',
  Jobs: 'What is owed to Jira and Slack and not done yet.',
  Stats: 'Counts, rates and latencies.',
  Jira: 'Tickets, and what Jira calls.',
  Templates: 'What messages and tickets say.',
  Configurations: 'What can be set while everything runs.',
  'Channel mappings': 'Which deployments are told of in which channel.',
  'History of settings': 'Who changed what.',
  Operations: 'Health and metrics, for orchestrators and operators.',
} as const;

export type Tag = keyof typeof TAGS;
