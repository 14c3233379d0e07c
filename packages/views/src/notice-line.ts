import type { Deployment, RecordedEvent } from '@deptracker/domain';
import { type Block, type SlackMessage, SLACK_LIMITS, mrkdwn } from './block.js';
import { joinWithin } from './mrkdwn.js';
import { REPLY_LIMIT } from './templates/purposes.js';
import { ROOM_FOR } from './templates/scene.js';
import { BUILT_IN_TEMPLATES, renderText } from './templates/template-set.js';

/** A digest holds at most this many events. */
export const DIGEST_SIZE = 50;

/** What happened as one line in the thread of the approval message, which says what it is about. */
export function replyMessage(deployment: Deployment, event: RecordedEvent, templates = BUILT_IN_TEMPLATES): { readonly text: string } {
  return { text: renderText(templates, 'notice', { deployment, event, ticket: null, thread: true }, ROOM_FOR.reply, REPLY_LIMIT) };
}

/** What happened to which deployment, in one short line that stands on its own. */
export function noticeLine(deployment: Deployment, event: RecordedEvent, templates = BUILT_IN_TEMPLATES): string {
  return renderText(templates, 'notice', { deployment, event, ticket: null, thread: false }, ROOM_FOR.notice);
}

/** Several notices as one message, in the order given. More than `DIGEST_SIZE` is a RangeError, none is too. */
export function digestMessage(
  members: readonly { readonly deployment: Deployment; readonly event: RecordedEvent }[],
  templates = BUILT_IN_TEMPLATES,
): SlackMessage {
  if (members.length === 0 || members.length > DIGEST_SIZE) {
    throw new RangeError(`A digest has 1 to ${String(DIGEST_SIZE)} events, not ${String(members.length)}.`);
  }
  const lines = members.map(({ deployment, event }) => noticeLine(deployment, event, templates));
  const sections: string[] = [];
  for (const text of lines) {
    const together = `${sections.at(-1) ?? ''}\n${text}`;
    if (sections.length > 0 && together.length <= SLACK_LIMITS.section) sections[sections.length - 1] = together;
    else sections.push(text);
  }
  const blocks: Block[] = sections.map((text) => ({ type: 'section', text: mrkdwn(text) }));
  return { text: joinWithin(lines, '\n', SLACK_LIMITS.text), blocks };
}
