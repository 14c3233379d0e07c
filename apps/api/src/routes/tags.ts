/** The groups of operations, in the order in which the docs page shows them. */
export const TAGS = {
  Deployments: 'Versions of projects that go to environments.',
  Approvals: 'Decisions of people.',
  Projects: 'What is deployed.',
  Environments: 'Where it is deployed, and who must approve.',
  Slack: 'What Slack calls.',
  Operations: 'Health and metrics, for orchestrators and operators.',
} as const;

export type Tag = keyof typeof TAGS;
