import type { Change } from './change.js';
import type { Issue } from './jira/issue.js';
import type { JiraState } from './jira/jira-state.js';
import { statusById } from './jira/workflow.js';
import type { JsonObject } from './json.js';

interface Description {
  readonly ids: Readonly<Record<string, string>>;
  readonly summary: JsonObject;
}

function ofIssue(issue: Issue | undefined, more: JsonObject = {}): Description {
  if (issue === undefined) return { ids: {}, summary: more };
  const { labels, summary } = issue.fields;
  return {
    ids: { issueId: issue.id, issueKey: issue.key },
    summary: { key: issue.key, labels: labels ?? [], summary, status: statusById(issue.statusId).name, ...more },
  };
}

function ofMessage(channel: string, ts: string, summary: JsonObject): Description {
  return { ids: { channel, ts }, summary: { channel, ts, ...summary } };
}

/** The ids and the few words by which a test or a person recognises a change in the ledger. */
export function describeChange(change: Change, jira: JiraState): Description {
  switch (change.type) {
    case 'issue.created':
      return ofIssue(change.issue);
    case 'issue.updated':
      return ofIssue(jira.find(change.id), { changed: Object.keys(change.fields) });
    case 'issue.deleted':
      return ofIssue(jira.find(change.id));
    case 'issue.transitioned':
      return ofIssue(jira.find(change.id), { status: statusById(change.statusId).name });
    case 'comment.added': {
      const { ids, summary } = ofIssue(jira.find(change.id), { comment: JSON.stringify(change.comment.body) });
      return { ids: { ...ids, commentId: change.comment.id }, summary };
    }
    case 'issue.linked':
      return { ids: { linkId: change.link.id }, summary: { ...change.link } };
    case 'message.posted': {
      const { channel, ts, threadTs, text, metadata } = change.message;
      return ofMessage(channel, ts, { threadTs: threadTs ?? null, text, metadata: metadata ?? null });
    }
    case 'message.updated':
      return ofMessage(change.channel, change.ts, { text: change.edit.text, metadata: change.edit.metadata ?? null });
    case 'message.deleted':
      return ofMessage(change.channel, change.ts, {});
    case 'ephemeral.posted': {
      const { channel, ts, user, text } = change.ephemeral;
      return ofMessage(channel, ts, { user, text });
    }
    case 'view.opened':
    case 'home.published': {
      const { id, user, content } = change.view;
      return { ids: { view: id, user }, summary: { user, callback_id: content['callback_id'] ?? '', content } };
    }
    case 'view.updated':
      return { ids: { view: change.id }, summary: { content: change.edit.content } };
    case 'view.closed':
      return { ids: { view: change.id }, summary: {} };
  }
}
