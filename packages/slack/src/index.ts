export { createSlackClient, createSlackProbe, type SlackClient } from './slack-client.js';
export type { SlackClientOptions } from './send.js';
export { SLACK_METHODS, slackScopes, type SlackLimits, type SlackMethod, type SlackScopes } from './slack-scopes.js';
export type {
  MessageRef,
  OwnMessage,
  PostMessage,
  SlackAccount,
  SlackIdentity,
  SlackMetadata,
  UpdateMessage,
} from './slack-types.js';
