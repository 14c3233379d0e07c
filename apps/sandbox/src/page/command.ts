import { randomBytes } from 'node:crypto';
import joi from 'joi';
import { isObject, parseJson } from '../json.js';
import { contentOf } from '../slack/response-urls.js';
import { type Person, personById } from '../slack/people.js';
import { BOT } from '../slack/slack-answer.js';
import { parseAct } from './click.js';
import { type Outcome, type Refusal, type Scene, postEvent, postForm } from './post-webhook.js';

/** A slash command as a person types it. */
export interface Typed {
  readonly line: string;
  readonly user: string;
  readonly channel?: string;
}

const TYPED = joi
  .object({ line: joi.string().pattern(/^\/\S/).max(4_000).required(), user: joi.string().required(), channel: joi.string() })
  .required()
  .messages({ 'string.pattern.base': 'A command begins with a slash' });

/** Reads a command, or says what is wrong with it. */
export const parseTyped = (body: unknown): Typed | Refusal => parseAct<Typed>(TYPED, body);

const OPENED = joi.object({ user: joi.string().required() }).required();

/** Reads whose Home is opened. */
export const parseOpened = (body: unknown): { readonly user: string } | Refusal => parseAct<{ user: string }>(OPENED, body);

const DEFAULT_CHANNEL = 'C0DEPLOYS';

/** What a command's answer says is shown where the command was typed; what Slack would not take is an error. */
function show(outcome: Outcome, person: Person, channel: string, { store }: Scene): Outcome {
  if ('error' in outcome || outcome.status !== 200 || outcome.body === '') return outcome;
  const { slack } = store;
  const answer = parseJson(outcome.body);
  const content = isObject(answer) ? contentOf(answer) : contentOf({ text: outcome.body });
  if (content === null) return { error: `The answer is none that Slack would take: ${outcome.body.slice(0, 500)}`, ms: outcome.ms };
  const place = { channel, ts: slack.nextTs(channel, store.now()), ...content, threadTs: null };
  const loud = isObject(answer) && answer['response_type'] === 'in_channel';
  store.commit(
    loud
      ? { type: 'message.posted', message: { ...place, metadata: null, editedTs: null, deleted: false } }
      : { type: 'ephemeral.posted', ephemeral: { ...place, user: person.id } },
    { system: 'slack', method: 'slash_command', answered: true },
  );
  return outcome;
}

/** Sends a slash command as a person, and shows what is answered. */
export async function sendCommand({ line, user, channel = DEFAULT_CHANNEL }: Typed, scene: Scene): Promise<Outcome | Refusal> {
  const person = personById(user);
  if (person === undefined) return { errors: [`There is no person ${user}.`] };
  const { store, teamId, grants, origin } = scene;
  const [, command = '', text = ''] = /^(\/\S+)\s*([^]*)$/.exec(line) ?? [];
  const fields = {
    token: 'sandbox-verification-token',
    ...{ team_id: teamId, team_domain: 'sandbox', channel_id: channel, channel_name: channel.toLowerCase() },
    ...{ user_id: person.id, user_name: person.name, command, text: text.trim(), api_app_id: BOT.appId },
    is_enterprise_install: 'false',
    response_url: `${origin}/slack/actions/${grants.urls.grant(channel, store.slack.nextTs(channel, store.now()), person.id, store.now())}`,
    trigger_id: grants.triggers.grant(person.id, store.now()),
  };
  return show(await postForm(fields, scene), person, channel, scene);
}

/** Opens the app's Home as a person: the app is told so and may fill it. */
export async function openHome({ user }: { readonly user: string }, scene: Scene): Promise<Outcome | Refusal> {
  const person = personById(user);
  if (person === undefined) return { errors: [`There is no person ${user}.`] };
  const seconds = scene.store.now() / 1000;
  const event = { type: 'app_home_opened', user: person.id, channel: `D${person.id.slice(1)}`, tab: 'home', event_ts: seconds.toFixed(6) };
  const envelope = { token: 'sandbox-verification-token', team_id: scene.teamId, api_app_id: BOT.appId, type: 'event_callback' };
  const eventId = `Ev${randomBytes(6).toString('hex').toUpperCase()}`;
  return postEvent({ ...envelope, event_id: eventId, event_time: Math.floor(seconds), event }, scene);
}
