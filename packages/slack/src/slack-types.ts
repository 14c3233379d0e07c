/** Whose workspace, and where its API is. */
export interface SlackAccount {
  readonly token: string;
  readonly apiUrl: string;
}

/** Slack's own shape of a message's metadata; the type is ours to choose, the payload is flat. */
export interface SlackMetadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

export interface PostMessage {
  readonly channel: string;
  /** What notifications show; Slack shortens it beyond 4,000 characters. */
  readonly text: string;
  readonly blocks?: readonly object[];
  readonly metadata?: SlackMetadata;
  /** The message that this one replies to. */
  readonly threadTs?: string;
}

export interface UpdateMessage {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  /** Without blocks an update removes those that the message has. */
  readonly blocks: readonly object[];
  /** Left as it is where omitted. */
  readonly metadata?: SlackMetadata;
}

/** Where a message is; `ts` is its id within the channel. */
export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}

/** A message of our own bot. */
export interface OwnMessage {
  readonly ts: string;
  readonly metadata: SlackMetadata | null;
  readonly botId: string | null;
  readonly appId: string | null;
}

/** Who our token is. */
export interface SlackIdentity {
  readonly teamId: string;
  readonly userId: string;
  /** Null for a token that belongs to a person. */
  readonly botId: string | null;
}
