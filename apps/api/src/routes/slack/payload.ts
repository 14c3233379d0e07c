import Joi from 'joi';
import { checked } from '../../http/validate.js';
import { pointerTo } from '../../http/storable.js';

/** Slack's ids and times are short and plain; anything else could not even be stored. */
const plain = Joi.string().pattern(/^[\w.:-]{1,64}$/);
const open = (members: Joi.SchemaMap): Joi.ObjectSchema => Joi.object(members).unknown(true);
const place = open({ id: plain });
const person = open({ id: plain.required(), team_id: plain });

/** Payloads that come from something that a person did. */
const INTERACTIVE = ['block_actions', 'block_suggestion', 'dialog_submission', 'interactive_message', 'message_action', 'shortcut', 'view_closed', 'view_submission'];

const ACTION = open({
  type: Joi.string().required(),
  action_id: Joi.string().required(),
  block_id: Joi.string(),
  value: Joi.string().allow(''),
  action_ts: plain.required(),
});

const VIEW = open({
  id: plain,
  type: Joi.string(),
  callback_id: Joi.string().allow(''),
  private_metadata: Joi.string().allow(''),
  state: open({ values: Joi.object().pattern(Joi.string(), Joi.object().pattern(Joi.string(), open({ value: Joi.string().allow('', null) }))) }),
});

const thing = open({});
const idOrThing = Joi.alternatives().try(Joi.string().allow(''), thing);

const EVENT = open({
  type: Joi.string().required(),
  user: idOrThing,
  channel: idOrThing,
  item: thing,
  subteam: thing,
  message: thing,
  previous_message: thing,
  assistant_thread: thing,
});

/** What Bolt and we rely on in a payload, whatever its type (https://docs.slack.dev/reference/interaction-payloads). */
const PAYLOAD = open({
  type: Joi.string(),
  team: place.allow(null),
  team_id: plain.allow(null),
  enterprise: place.allow(null),
  user: person.when('type', { is: Joi.valid(...INTERACTIVE).required(), then: Joi.required() }),
  channel: place,
  message: open({ ts: plain }),
  container: open({ channel_id: plain, message_ts: plain }),
  actions: Joi.array().items(ACTION).min(1),
  view: VIEW.when('type', { is: Joi.valid('view_submission', 'view_closed').required(), then: open({ id: plain.required() }).required() }),
  response_urls: Joi.array().items(open({ response_url: Joi.string() })),
  event_id: plain,
  event: EVENT,
  authorizations: Joi.array().items(open({})),
  // A slash command is a form of its own (https://docs.slack.dev/interactivity/implementing-slash-commands).
  command: Joi.string().pattern(/^\/[!-~]{1,100}$/),
  text: Joi.string().allow('').max(4_000),
  user_id: plain,
  channel_id: plain,
  trigger_id: plain,
  enterprise_id: plain.allow(null, ''),
})
  .with('actions', 'user')
  .with('name', 'user')
  .with('command', ['text', 'user_id'])
  .required()
  .label('the payload');

/** Refuses what Slack does not send, though it is signed: Bolt would fall over it. */
export function assertPayload(body: unknown): void {
  checked(PAYLOAD, body, (path) => ({ pointer: pointerTo(path) }));
}
