/** Slack text that is shown as it is, but for emoji names. */
export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: true;
}

/** Slack text with formatting; everything from users in it is escaped. */
export interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
}

export interface Button {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
}

/** The Block Kit blocks that our messages are made of. */
export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: readonly Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly Button[] };

/** A message as Slack takes it: `text` is what notifications and screen readers get. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Slack's documented limits, in characters (Block Kit reference, chat.update). */
export const SLACK_LIMITS = {
  blocks: 50,
  section: 3000,
  field: 2000,
  fields: 10,
  header: 150,
  button: 75,
  value: 2000,
  text: 4000,
  /** All blocks together: not documented, but longer messages are refused with `msg_blocks_too_long`. */
  message: 13_000,
} as const;

export const plain = (text: string): PlainText => ({ type: 'plain_text', text, emoji: true });
export const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text });
