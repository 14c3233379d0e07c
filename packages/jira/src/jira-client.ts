import type { CallOptions } from '@deptracker/resilience';
import { type JiraAccount, createJiraHttp } from './jira-http.js';
import { type JiraClientOptions, createSend } from './jira-send.js';
import type {
  FoundIssue,
  JiraComment,
  JiraIssue,
  JiraIssueRef,
  JiraTransition,
  JiraUser,
} from './jira-types.js';
import { asCommentId, asIssue, asIssueRef, asNothing, asTransitions, asUser } from './parse.js';
import { allComments, allWithLabels } from './pages.js';

/** Jira Cloud's REST API v3, as far as tickets need it. Every failure is a VendorError. Issues go by id or key. */
export interface JiraClient {
  myself(call: CallOptions): Promise<JiraUser>;
  createIssue(issue: { readonly fields: Readonly<Record<string, unknown>> }, call: CallOptions): Promise<JiraIssueRef>;
  /** Issues that carry any of the labels, at most 50; complete or failed. The index lags behind writes. */
  searchByLabels(labels: readonly string[], call: CallOptions): Promise<FoundIssue[]>;
  getIssue(issue: string, fields: readonly string[], call: CallOptions): Promise<JiraIssue>;
  /** The transitions that the workflow offers from where the issue is now. */
  getTransitions(issue: string, call: CallOptions): Promise<JiraTransition[]>;
  /** 409 (`http_409`) while another one runs; 400 (`http_400`) where the workflow has no such step any more. */
  transition(issue: string, transitionId: string, call: CallOptions): Promise<void>;
  updateIssue(issue: string, fields: Readonly<Record<string, unknown>>, call: CallOptions): Promise<void>;
  listComments(issue: string, call: CallOptions): Promise<JiraComment[]>;
  /** The body is a document in Atlassian's format. */
  addComment(issue: string, body: object, call: CallOptions): Promise<{ readonly id: string }>;
  /** Links as "duplicate duplicates original"; the same link again is no error. */
  linkIssues(duplicate: string, original: string, call: CallOptions): Promise<void>;
}

const at = (issue: string, rest = ''): string => `/issue/${encodeURIComponent(issue)}${rest}`;

/** A client for one Jira account; knows nothing of deployments. */
export function createJiraClient(options: JiraClientOptions): JiraClient {
  const send = createSend(options);
  return {
    myself: (call) => send({ method: 'myself', verb: 'GET', path: '/myself', parse: asUser }, call),
    createIssue: ({ fields }, call) =>
      send({ method: 'createIssue', verb: 'POST', path: '/issue', body: { fields }, parse: asIssueRef }, call),
    searchByLabels: (labels, call) => allWithLabels(send, labels, call),
    getIssue: (issueId, fields, call) => {
      const query = { fields: fields.join(',') };
      return send({ method: 'getIssue', verb: 'GET', path: at(issueId), query, issueId, parse: asIssue }, call);
    },
    getTransitions: (issueId, call) => {
      const path = at(issueId, '/transitions');
      return send({ method: 'getTransitions', verb: 'GET', path, issueId, parse: asTransitions }, call);
    },
    transition: (issueId, id, call) => {
      const body = { transition: { id } };
      const path = at(issueId, '/transitions');
      return send({ method: 'transition', verb: 'POST', path, body, issueId, parse: asNothing }, call);
    },
    updateIssue: (issueId, fields, call) => {
      const path = at(issueId);
      return send({ method: 'updateIssue', verb: 'PUT', path, body: { fields }, issueId, parse: asNothing }, call);
    },
    listComments: (issueId, call) => allComments(send, issueId, at(issueId, '/comment'), call),
    addComment: (issueId, body, call) => {
      const path = at(issueId, '/comment');
      return send({ method: 'addComment', verb: 'POST', path, body: { body }, issueId, parse: asCommentId }, call);
    },
    linkIssues: (duplicate, original, call) => {
      // The inward issue is the one that the link goes out from: it shows "duplicates", the other "is duplicated by".
      const body = { type: { name: 'Duplicate' }, inwardIssue: { key: duplicate }, outwardIssue: { key: original } };
      const path = '/issueLink';
      return send({ method: 'linkIssues', verb: 'POST', path, body, issueId: duplicate, parse: asNothing }, call);
    },
  };
}

/** The harmless read that a vendor's breaker tries Jira with: needs no vendor itself. */
export function createJiraProbe(account: JiraAccount): (signal: AbortSignal) => Promise<void> {
  const http = createJiraHttp(account);
  return async (signal) => {
    await http({ method: 'myself', verb: 'GET', path: '/myself', parse: asUser }, signal);
  };
}
