import { createHmac } from 'node:crypto';
import type { JsonObject } from '../json.js';
import type { Person } from '../slack/people.js';
import { BOT } from '../slack/slack-answer.js';
import type { Grants } from '../slack/slack-routes.js';
import type { Store } from '../store.js';

const TIMEOUT_MS = 3_000;

/** Where what people do goes, and the secret that signs it. */
export interface ClickSettings {
  readonly webhookUrl: string;
  readonly signingSecret: string;
}

/** What came back: status and body, or why nothing did. */
export type Outcome =
  | { readonly status: number; readonly body: string; readonly ms: number }
  | { readonly error: string; readonly ms: number };

/** Why something cannot be done: one sentence per mistake. */
export interface Refusal {
  readonly errors: readonly string[];
}

/** What is needed to do something as a person. */
export interface Scene {
  readonly store: Store;
  readonly teamId: string;
  readonly settings: ClickSettings;
  readonly grants: Grants;
  /** This process's own address, for response_urls. */
  readonly origin: string;
}

/** What every interaction's payload has. */
export function interaction(type: string, person: Person, { store, teamId, grants }: Scene): JsonObject {
  return {
    type,
    user: { id: person.id, username: person.name, name: person.name, team_id: teamId },
    api_app_id: BOT.appId,
    token: 'sandbox-verification-token',
    trigger_id: grants.triggers.grant(person.id, store.now()),
    team: { id: teamId, domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
  };
}

const FORM = 'application/x-www-form-urlencoded';

async function post(body: string, type: string, { webhookUrl, signingSecret }: ClickSettings): Promise<Outcome> {
  // Signed with the real clock, whatever clock the stand-in was given: the receiver compares it with its own.
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  const started = Date.now();
  try {
    const response = await fetch(webhookUrl, {
      method: 'POST',
      headers: {
        'Content-Type': type,
        'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'X-Slack-Request-Timestamp': timestamp,
        'X-Slack-Signature': `v0=${signature}`,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await response.text(), ms: Date.now() - started };
  } catch (error) {
    const ms = Date.now() - started;
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    const why = name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : (cause?.code ?? message);
    return { error: `${webhookUrl}: ${why}`, ms };
  }
}

/** Posts a form, signed as Slack does (docs.slack.dev, "Verifying requests"), with Slack's three seconds to answer. */
export function postForm(fields: Readonly<Record<string, string>>, { settings }: Scene): Promise<Outcome> {
  return post(new URLSearchParams(fields).toString(), FORM, settings);
}

/** The same for an interaction's payload. */
export function postPayload(payload: JsonObject, scene: Scene): Promise<Outcome> {
  return postForm({ payload: JSON.stringify(payload) }, scene);
}

/** The same for an event. */
export function postEvent(event: JsonObject, { settings }: Scene): Promise<Outcome> {
  return post(JSON.stringify(event), 'application/json', settings);
}
