import type { JsonObject } from '../json.js';

/** A block as Slack keeps it, with its block_id. */
export type Block = JsonObject;

/** A message of the bot. `ts` is Slack's id in the channel: seconds and microseconds. */
export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Block[] | null;
  readonly metadata: JsonObject | null;
  readonly threadTs: string | null;
  readonly editedTs: string | null;
  readonly deleted: boolean;
}

/** What chat.update sets. Without metadata the old one stays. */
export interface MessageEdit {
  readonly text: string;
  readonly blocks: readonly Block[] | null;
  readonly metadata?: JsonObject;
  readonly editedTs: string;
}

/** A message that only one person sees. */
export interface Ephemeral {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[] | null;
  readonly threadTs: string | null;
}
