import { createHmac, randomUUID } from 'node:crypto';

export const JIRA_SECRET = 'a-secret-of-the-webhook';
export const JIRA_SITE = 'https://our-site.atlassian.net';

export interface News {
  readonly event?: 'created' | 'updated' | 'deleted';
  readonly issueId?: string;
  readonly key?: string;
  readonly site?: string;
  readonly labels?: readonly string[];
  /** Seconds after the first moment of the tests; later news is later. */
  readonly at?: number;
  readonly fields?: object;
}

const START = Date.UTC(2026, 10, 20, 12);

export const STATUSES = {
  todo: { id: '10000', name: 'To Do', statusCategory: { id: 2, key: 'new', name: 'To Do' } },
  doing: { id: '10001', name: 'In Progress', statusCategory: { id: 4, key: 'indeterminate', name: 'In Progress' } },
  done: { id: '10002', name: 'Done', statusCategory: { id: 3, key: 'done', name: 'Done' } },
} as const;

/** What Jira sends when something happened to an issue. */
export function newsOf({ event = 'updated', issueId = '10001', key = 'OPS-1', site = JIRA_SITE, labels = [], at = 0, fields = {} }: News): object {
  const moment = START + 1000 * at;
  return {
    timestamp: moment + 40,
    webhookEvent: `jira:issue_${event}`,
    issue_event_type_name: 'issue_generic',
    user: { accountId: '5b10', displayName: 'Mia Krystof' },
    issue: {
      id: issueId,
      self: `${site}/rest/api/2/issue/${issueId}`,
      key,
      fields: {
        updated: new Date(moment).toISOString().replace('Z', '+0000'),
        labels,
        status: STATUSES.todo,
        assignee: null,
        priority: { id: '3', name: 'Medium' },
        resolution: null,
        ...fields,
      },
    },
    // Jira names the new value so; it must not be called.
    changelog: { id: '1', items: [{ field: 'status', fromString: 'To Do', toString: 'In Progress' }] },
  };
}

export interface Signing {
  readonly secret?: string;
  readonly identifier?: string;
}

/** The headers of what Jira sends. */
export function signedNews(body: string, { secret = JIRA_SECRET, identifier = randomUUID() }: Signing = {}): Record<string, string> {
  return {
    'content-type': 'application/json; charset=UTF-8',
    'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    'x-atlassian-webhook-identifier': identifier,
  };
}
