import Joi from 'joi';
import { notOfSlack } from './plain-id.js';
import type { Click } from './click.js';
import type { Gesture } from './slack-decision.js';

/** What a modal remembers of the click that opened it. Never who: whoever submits it says so themselves, signed. */
type Remembered = Omit<Gesture, 'teamId' | 'userId'>;

const REMEMBERED: Joi.ObjectSchema<Remembered> = Joi.object<Remembered>({
  deploymentId: Joi.string().guid().required(),
  channelId: Joi.string().pattern(/^[A-Z0-9]{1,40}$/).required().allow(null),
  messageTs: Joi.string().pattern(/^\d{1,20}\.\d{1,10}$/).required().allow(null),
  fromHome: Joi.boolean().required(),
}).required();

/** As `private_metadata` of the modal. */
export function remember(deploymentId: string, { channelId, messageTs, fromHome }: Click): string {
  return JSON.stringify({ deploymentId, channelId, messageTs, fromHome } satisfies Remembered);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notOfSlack();
  }
}

/** Reads it back; a text that we did not write is refused. */
export function recall(metadata: unknown): Remembered {
  const result = REMEMBERED.validate(parsed(typeof metadata === 'string' ? metadata : ''), { convert: false });
  if (result.error !== undefined) throw notOfSlack();
  return result.value;
}
