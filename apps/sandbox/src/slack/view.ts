import type { JsonObject } from '../json.js';
import type { Block } from './message.js';

/** What an app gives for a view, with its blocks as Slack keeps them. */
export type ViewContent = JsonObject & { readonly blocks: readonly Block[] };

/** A modal in front of a person, or a person's Home. */
export interface View {
  readonly id: string;
  readonly user: string;
  readonly type: 'modal' | 'home';
  readonly content: ViewContent;
  /** Changes with every edit. */
  readonly hash: string;
}

export type ViewEdit = Pick<View, 'content' | 'hash'>;
