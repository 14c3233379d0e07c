import joi from 'joi';
import type { JsonObject } from '../json.js';
import { type Person, personById } from '../slack/people.js';
import { presentMessage } from '../slack/present-message.js';
import { presentView } from '../slack/views.js';
import { microsToTs } from '../slack/ts.js';
import { findButton, findHomeButton } from './find-button.js';
import { type Outcome, type Refusal, type Scene, interaction, postPayload } from './post-webhook.js';

/** A press of a button as the page or a test asks for it: of a message, or of the person's Home. */
export interface Click {
  readonly channel?: string;
  readonly ts?: string;
  readonly home?: true;
  readonly action_id: string;
  readonly block_id?: string;
  readonly value?: string;
  readonly user: string;
}

const CLICK = joi
  .object({
    channel: joi.string(),
    ts: joi.string(),
    home: joi.valid(true),
    action_id: joi.string().required(),
    block_id: joi.string().allow(''),
    value: joi.string().allow(''),
    user: joi.string().required(),
  })
  .and('channel', 'ts')
  .xor('channel', 'home')
  .required();

/** Reads what the page or a test asks for by its schema, or says what is wrong with it. */
export function parseAct<T>(schema: joi.ObjectSchema, body: unknown): T | Refusal {
  const result = schema.validate(body, { abortEarly: false, convert: false });
  if (result.error !== undefined) return { errors: result.error.details.map((detail) => detail.message) };
  return result.value as T;
}

/** Reads a click, or says what is wrong with it. */
export const parseClick = (body: unknown): Click | Refusal => parseAct<Click>(CLICK, body);

const HERE = { state: { values: {} } };

/** What tells that a button stands on a message, or why it does not. */
function onMessage(channel: string, ts: string, click: Click, person: Person, { store, teamId, grants, origin }: Scene): { button: JsonObject; place: JsonObject } | string {
  const message = store.slack.message(channel, ts);
  const button = findButton(store.slack, { ...click, channel, ts });
  if (typeof button === 'string') return button;
  if (message === undefined) return `There is no message ${ts} in ${channel}.`;
  const place = {
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    channel: { id: channel, name: channel.toLowerCase() },
    message: presentMessage(message, store.slack, teamId, false),
    response_url: `${origin}/slack/actions/${grants.urls.grant(channel, ts, person.id, store.now())}`,
  };
  return { button, place };
}

/** The same for a Home, where there is no channel, no message and no response_url. */
function inHome(click: Click, person: Person, { store, teamId }: Scene): { button: JsonObject; place: JsonObject } | string {
  const home = store.slack.views.homes.get(person.id);
  const button = findHomeButton(home, click);
  if (typeof button === 'string') return button;
  if (home === undefined) return 'This person was never shown a Home.';
  return { button, place: { container: { type: 'view', view_id: home.id }, view: presentView(home, teamId) } };
}

/**
 * Presses a button as a person: builds Slack's `block_actions` payload and posts it. `errors` if the message, the button
 * or the person is unknown.
 */
export async function pressButton(click: Click, scene: Scene): Promise<Outcome | Refusal> {
  const person = personById(click.user);
  if (person === undefined) return { errors: [`There is no person ${click.user}.`] };
  const { channel, ts } = click;
  const found = channel === undefined || ts === undefined ? inHome(click, person, scene) : onMessage(channel, ts, click, person, scene);
  if (typeof found === 'string') return { errors: [found] };
  const action = { ...found.button, ...(click.value === undefined ? {} : { value: click.value }) };
  const actions = [{ ...action, action_ts: microsToTs(scene.store.now() * 1000) }];
  return postPayload({ ...interaction('block_actions', person, scene), ...HERE, ...found.place, actions }, scene);
}
