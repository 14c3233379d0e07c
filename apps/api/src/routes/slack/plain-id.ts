import { HttpRefusal } from '../../http/http-refusal.js';

const SLACK_ID = /^[A-Z0-9]{1,40}$/;
const TIMESTAMP = /^\d{1,20}\.\d{1,10}$/;

/** Slack would not send this. */
export function notOfSlack(): HttpRefusal {
  return new HttpRefusal('malformed-json', 'The payload is not one that Slack sends.');
}

function checked(value: unknown, form: RegExp): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && form.test(value)) return value;
  throw notOfSlack();
}

/** An id of Slack's; null where it was left out. What Slack would never send is refused before it is used. */
export const slackId = (value: unknown): string | null => checked(value, SLACK_ID);

/** The ts of a message, likewise. */
export const messageTs = (value: unknown): string | null => checked(value, TIMESTAMP);

/** Who did something; Slack always says it. */
export function userIdOf(user: unknown): string {
  const id = slackId((user as { id?: unknown } | null | undefined)?.id);
  if (id === null) throw new HttpRefusal('malformed-json', 'The payload does not say who did it.');
  return id;
}
