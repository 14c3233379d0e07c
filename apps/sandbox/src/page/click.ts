import { createHmac, randomBytes } from 'node:crypto';
import joi from 'joi';
import type { JsonObject } from '../json.js';
import { type Person, personById } from '../slack/people.js';
import { presentMessage } from '../slack/present-message.js';
import type { ResponseUrls } from '../slack/response-urls.js';
import { BOT } from '../slack/slack-answer.js';
import type { Message } from '../slack/message.js';
import type { Store } from '../store.js';
import { microsToTs } from '../slack/ts.js';
import { findButton } from './find-button.js';

const TIMEOUT_MS = 3_000;
const BODY_SHOWN = 2_000;

/** Where presses of buttons go, and the secret that signs them. */
export interface ClickSettings {
  readonly webhookUrl: string;
  readonly signingSecret: string;
}

/** A press of a button as the page or a test asks for it. */
export interface Click {
  readonly channel: string;
  readonly ts: string;
  readonly action_id: string;
  readonly block_id?: string;
  readonly value?: string;
  readonly user: string;
}

/** What came back: status and body, or why nothing did. */
export type ClickOutcome =
  | { readonly status: number; readonly body: string; readonly ms: number }
  | { readonly error: string; readonly ms: number };

/** Why a click cannot be made: one sentence per mistake. */
export interface ClickRefusal {
  readonly errors: readonly string[];
}

const CLICK = joi
  .object({
    channel: joi.string().required(),
    ts: joi.string().required(),
    action_id: joi.string().required(),
    block_id: joi.string().allow(''),
    value: joi.string().allow(''),
    user: joi.string().required(),
  })
  .required();

/** Reads a click, or says what is wrong with it. */
export function parseClick(body: unknown): Click | ClickRefusal {
  const result = CLICK.validate(body, { abortEarly: false, convert: false });
  if (result.error !== undefined) return { errors: result.error.details.map((detail) => detail.message) };
  return result.value as Click;
}

/** Slack's `block_actions` payload. */
function payloadOf(
  message: Message,
  action: JsonObject,
  person: Person,
  { store, teamId }: Pick<ClickContext, 'store' | 'teamId'>,
  responseUrl: string,
): JsonObject {
  const micros = store.now() * 1000;
  return {
    type: 'block_actions',
    user: { id: person.id, username: person.name, name: person.name, team_id: teamId },
    api_app_id: BOT.appId,
    token: 'sandbox-verification-token',
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
    trigger_id: `${micros}.${randomBytes(8).toString('hex')}`,
    team: { id: teamId, domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: message.channel, name: message.channel.toLowerCase() },
    message: presentMessage(message, store.slack, teamId, false),
    state: { values: {} },
    response_url: responseUrl,
    actions: [{ ...action, action_ts: microsToTs(micros) }],
  };
}

async function send(payload: JsonObject, { webhookUrl, signingSecret }: ClickSettings): Promise<ClickOutcome> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  // Signed with the real clock, whatever clock the stand-in was given: the receiver compares it with its own.
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  const started = Date.now();
  try {
    const response = await fetch(webhookUrl, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'X-Slack-Request-Timestamp': timestamp,
        'X-Slack-Signature': `v0=${signature}`,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text.slice(0, BODY_SHOWN), ms: Date.now() - started };
  } catch (error) {
    const ms = Date.now() - started;
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    const why = name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : (cause?.code ?? message);
    return { error: `${webhookUrl}: ${why}`, ms };
  }
}

/** What a press needs besides the click. */
export interface ClickContext {
  readonly store: Store;
  readonly teamId: string;
  readonly settings: ClickSettings;
  readonly urls: ResponseUrls;
  /** This process's own address, for the response_url. */
  readonly origin: string;
}

/**
 * Presses a button as a person: builds the payload, signs it as Slack does (docs.slack.dev, "Verifying requests"),
 * posts it with Slack's three seconds. `errors` if the message, the button or the person is unknown.
 */
export async function pressButton(click: Click, context: ClickContext): Promise<ClickOutcome | ClickRefusal> {
  const { store, settings, urls, origin } = context;
  const message = store.slack.message(click.channel, click.ts);
  const button = findButton(store.slack, click);
  const person = personById(click.user);
  const errors = [
    ...(typeof button === 'string' ? [button] : []),
    ...(person === undefined ? [`There is no person ${click.user}.`] : []),
  ];
  if (message === undefined || typeof button === 'string' || person === undefined) return { errors };
  const responseUrl = `${origin}/slack/actions/${urls.grant(message.channel, message.ts, person.id, store.now())}`;
  const action = { ...button, ...(click.value === undefined ? {} : { value: click.value }) };
  return send(payloadOf(message, action, person, context, responseUrl), settings);
}
