export { createSlackClient, createSlackProbe, type SlackClient } from './slack-client.js';
export type { SlackClientOptions } from './send.js';
export type { SlackAccount } from './slack-http.js';
export { SLACK_METHODS, slackScopes, type SlackLimits, type SlackMethod, type SlackScopes } from './slack-scopes.js';
export type {
  MessageRef,
  OwnMessage,
  PostMessage,
  SlackIdentity,
  SlackMetadata,
  UpdateMessage,
} from './slack-types.js';
