import type { Block, PlainText } from './block.js';

/** A field to write into. */
export interface InputBlock {
  readonly type: 'input';
  readonly block_id: string;
  readonly optional: boolean;
  readonly label: PlainText;
  readonly hint?: PlainText;
  readonly element: {
    readonly type: 'plain_text_input';
    readonly action_id: string;
    readonly multiline: boolean;
    readonly max_length: number;
  };
}

export type ViewBlock = Block | InputBlock | { readonly type: 'divider' };

/** A dialogue in front of the person who asked for it. */
export interface ModalView {
  readonly type: 'modal';
  readonly callback_id: string;
  readonly title: PlainText;
  readonly blocks: readonly ViewBlock[];
  readonly close: PlainText;
  /** Needed where there is something to write into. */
  readonly submit?: PlainText;
  /** Comes back with what the person does. */
  readonly private_metadata?: string;
}

/** What a person sees in the app's Home. */
export interface HomeView {
  readonly type: 'home';
  readonly blocks: readonly ViewBlock[];
}

/** Slack's documented limits of views, in characters (docs.slack.dev/reference/views). */
export const VIEW_LIMITS = { blocks: 100, title: 24, button: 24, metadata: 3000, label: 2000 } as const;
