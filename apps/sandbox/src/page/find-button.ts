import { type JsonObject, asString, isObject } from '../json.js';
import type { Block } from '../slack/message.js';
import type { SlackState } from '../slack/slack-state.js';
import type { View } from '../slack/view.js';

/** A button as a click names it. */
interface Wanted {
  readonly action_id: string;
  readonly block_id?: string;
  readonly value?: string;
}

/** A block's buttons, each with the block's id. */
function buttonsOf(block: Block): JsonObject[] {
  const elements: unknown[] = Array.isArray(block['elements']) ? block['elements'] : [block['accessory']];
  const buttons = elements.filter(isObject).filter((one) => one['type'] === 'button');
  return buttons.map((one) => ({ block_id: block['block_id'], ...one }));
}

function among(blocks: readonly Block[], place: string, { action_id, block_id }: Wanted): JsonObject | string {
  const buttons = blocks.flatMap(buttonsOf);
  const found = buttons.find((one) => one['action_id'] === action_id && (!block_id || one['block_id'] === block_id));
  if (found !== undefined) return found;
  const where = block_id ? ` in block ${JSON.stringify(block_id)}` : '';
  const known = [...new Set(buttons.map((one) => asString(one['action_id']) ?? ''))].join(', ') || 'none';
  return `${place} has no button ${JSON.stringify(action_id)}${where}; its buttons: ${known}.`;
}

/**
 * The button with its block_id, or a sentence that says why there is none. It need not be on the message any more:
 * somebody whose screen is behind can still press what an edit has removed.
 */
export function findButton(slack: SlackState, wanted: Wanted & { readonly channel: string; readonly ts: string }): JsonObject | string {
  const { channel, ts } = wanted;
  const message = slack.message(channel, ts);
  if (message === undefined) return `There is no message ${ts} in ${channel}.`;
  return among([...(message.blocks ?? []), ...(slack.channels.get(channel)?.former.get(ts) ?? [])], 'The message', wanted);
}

/** The same in somebody's Home. Without a block_id it is the button with the value that is given, since there are many alike. */
export function findHomeButton(home: View | undefined, wanted: Wanted): JsonObject | string {
  if (home === undefined) return 'This person was never shown a Home.';
  const blocks = home.content.blocks.filter((block) => !wanted.value || buttonsOf(block).some((one) => one['value'] === wanted.value));
  return among(blocks, 'Home', wanted);
}
