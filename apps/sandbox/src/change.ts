import type { Comment, Issue, IssueLink } from './jira/issue.js';
import type { JsonObject } from './json.js';
import type { Ephemeral, Message, MessageEdit } from './slack/message.js';
import type { View, ViewEdit } from './slack/view.js';

/** Everything that a write can do to the stand-in's Jira. */
export type JiraChange =
  | { readonly type: 'issue.created'; readonly issue: Issue }
  | { readonly type: 'issue.updated'; readonly id: string; readonly fields: JsonObject }
  | { readonly type: 'issue.deleted'; readonly id: string }
  | { readonly type: 'issue.transitioned'; readonly id: string; readonly statusId: string }
  | { readonly type: 'comment.added'; readonly id: string; readonly comment: Comment }
  | { readonly type: 'issue.linked'; readonly link: IssueLink };

/** Everything that a write can do to the stand-in's Slack. */
export type SlackChange =
  | { readonly type: 'message.posted'; readonly message: Message }
  | { readonly type: 'message.updated'; readonly channel: string; readonly ts: string; readonly edit: MessageEdit }
  | { readonly type: 'message.deleted'; readonly channel: string; readonly ts: string }
  | { readonly type: 'ephemeral.posted'; readonly ephemeral: Ephemeral }
  | { readonly type: 'view.opened'; readonly view: View }
  | { readonly type: 'view.updated'; readonly id: string; readonly edit: ViewEdit }
  | { readonly type: 'view.closed'; readonly id: string }
  | { readonly type: 'home.published'; readonly view: View };

/** One applied write: the unit of the ledger. Live calls and the rebuild at start go through the same reducers. */
export type Change = JiraChange | SlackChange;
