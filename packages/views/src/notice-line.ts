import type { Deployment, RecordedEvent } from '@deptracker/domain';
import { type Block, type SlackMessage, SLACK_LIMITS, mrkdwn } from './block.js';
import { type Voice, capital, eventEmoji, eventSentence } from './event-sentence.js';
import { joinWithin, line, person, prose } from './mrkdwn.js';

/** A digest holds at most this many events. */
export const DIGEST_SIZE = 50;

const long: Voice = { person: (actor) => person(actor, 200), words: (text) => prose(text.replace(/\s+/gu, ' '), 1000) };
/* With the names below at most 255 characters a line, so that 50 of them stay below what Slack takes as one message. */
const short: Voice = { person: (actor) => person(actor, 35), words: (text) => prose(text.replace(/\s+/gu, ' '), 25) };

/** What happened as one line in the thread of the approval message, which says what it is about. */
export function replyMessage(deployment: Deployment, event: RecordedEvent): { readonly text: string } {
  return { text: `${eventEmoji(event.type)} ${capital(eventSentence(deployment, event, long))}` };
}

/** What happened to which deployment, in one short line that stands on its own. */
export function noticeLine(deployment: Deployment, event: RecordedEvent): string {
  const { project, version, environment } = deployment;
  const subject = `*${line(project, 40)}* ${line(version, 35)} → ${line(environment, 25)}`;
  return `${eventEmoji(event.type)} ${subject}: ${eventSentence(deployment, event, short)}`;
}

/** Several notices as one message, in the order given. More than `DIGEST_SIZE` is a RangeError, none is too. */
export function digestMessage(
  members: readonly { readonly deployment: Deployment; readonly event: RecordedEvent }[],
): SlackMessage {
  if (members.length === 0 || members.length > DIGEST_SIZE) {
    throw new RangeError(`A digest has 1 to ${String(DIGEST_SIZE)} events, not ${String(members.length)}.`);
  }
  const lines = members.map(({ deployment, event }) => noticeLine(deployment, event));
  const sections: string[] = [];
  for (const text of lines) {
    const together = `${sections.at(-1) ?? ''}\n${text}`;
    if (sections.length > 0 && together.length <= SLACK_LIMITS.section) sections[sections.length - 1] = together;
    else sections.push(text);
  }
  const blocks: Block[] = sections.map((text) => ({ type: 'section', text: mrkdwn(text) }));
  return { text: joinWithin(lines, '\n', SLACK_LIMITS.text), blocks };
}
