import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallRecord, Desk } from '../calls.js';
import type { Change } from '../change.js';
import type { JsonObject } from '../json.js';
import type { Issue } from './issue.js';
import { account, presentIssue } from './present-issue.js';

/** Where changes of tickets are told, and how. */
export interface WebhookSettings {
  /** Undefined tells nobody. */
  readonly url: string | undefined;
  readonly secret: string;
  /** This Jira's own address, such as http://127.0.0.1:8090/jira; undefined: the one that it was last called by. */
  readonly base: string | undefined;
  /** Waits before each repetition of what was not taken; Jira has minutes here. */
  readonly repeatAfterMs?: readonly number[];
}

/** What came of one delivery: the receiver's status and words, or why there are none. */
export type Told = { readonly status: number; readonly body: string } | { readonly error: string };

export interface Webhooks {
  /** The address that this Jira is called by. */
  calledBy(base: string): void;
  /** What came of the first try to tell of the latest change; null where there was nothing to tell. */
  latest(): Promise<Told | null>;
  close(): void;
}

const METHOD = 'webhook';
const REPEAT_AFTER_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
const TIMEOUT_MS = 10_000;
const BODY_SHOWN = 300;

const EVENTS: Readonly<Partial<Record<Change['type'], string>>> = {
  'issue.created': 'jira:issue_created',
  'issue.updated': 'jira:issue_updated',
  'issue.transitioned': 'jira:issue_updated',
  'issue.deleted': 'jira:issue_deleted',
};

// https://developer.atlassian.com/cloud/jira/platform/webhooks/, "Retry policy".
const isToRepeat = (told: Told): boolean => 'error' in told || told.status >= 500 || [408, 409, 425, 429].includes(told.status);

function changedFields(change: Change, issue: Issue): JsonObject[] {
  if (change.type === 'issue.transitioned') return [{ field: 'status', fieldtype: 'jira', fieldId: 'status', to: issue.statusId, toString: change.statusId }];
  return change.type === 'issue.updated' ? Object.keys(change.fields).map((field) => ({ field, fieldtype: 'jira', fieldId: field, toString: null })) : [];
}

/** Tells of every change of a ticket as Jira's webhooks do: signed, named, and again where it was not taken. */
export function createWebhooks({ store, faults, log }: Desk, settings: WebhookSettings): Webhooks {
  const { url, secret, repeatAfterMs = REPEAT_AFTER_MS } = settings;
  const closing = new AbortController();
  let base = settings.base ?? 'http://localhost/jira';
  let latest: Promise<Told | null> = Promise.resolve(null);

  async function post(to: string, body: string, identifier: string, repetition: number): Promise<Told> {
    try {
      const response = await fetch(to, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json; charset=UTF-8',
          'User-Agent': 'Atlassian HttpClient unknown / JIRA',
          'X-Atlassian-Webhook-Identifier': identifier,
          'X-Atlassian-Webhook-Retry': String(repetition),
          'X-Hub-Signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      return { status: response.status, body: (await response.text()).slice(0, BODY_SHOWN) };
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string } };
      return { error: `${to}: ${cause?.code ?? message}` };
    }
  }

  /** Tries once; the faults of `jira.webhook` may lose it, keep it back, or hide that it was taken. */
  async function tryOnce(to: string, body: string, identifier: string, repetition: number): Promise<Told | 'lost'> {
    log.count(`jira.${METHOD}`);
    const { rule, latencyMs } = faults.next(`jira.${METHOD}`, undefined);
    if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false, signal: closing.signal });
    const record = (outcome: CallRecord['outcome'], status: number | null): void =>
      log.add({ at: new Date(store.now()).toISOString(), method: `jira.${METHOD}`, outcome, status, answered: outcome !== 'faulted' });
    if (rule?.kind !== undefined && rule.kind !== 'drop_after') {
      record('faulted', null);
      return rule.kind === 'reset' ? 'lost' : { error: `the fault ${rule.kind}` };
    }
    const told = await post(to, body, identifier, repetition);
    const status = 'status' in told ? told.status : null;
    record(rule !== null ? 'faulted' : isToRepeat(told) ? 'rejected' : 'applied', status);
    return rule === null ? told : { error: 'its answer was lost, by a fault' };
  }

  async function repeat(to: string, body: string, identifier: string, first: Told | 'lost'): Promise<void> {
    let told = first;
    for (const [index, ms] of repeatAfterMs.entries()) {
      if (told === 'lost' || !isToRepeat(told)) return;
      await delay(ms, undefined, { ref: false, signal: closing.signal });
      told = await tryOnce(to, body, identifier, index + 1);
    }
  }

  function tell(to: string, change: Change, issue: Issue, webhookEvent: string): Promise<Told | null> {
    const shown = presentIssue(issue, ['*all', '-comment'], `${base}/rest/api/2`, store.jira, account(`${base}/rest/api/2`, 'sandbox'));
    const changelog = { id: String(store.version()), items: changedFields(change, issue) };
    const body = JSON.stringify({ timestamp: store.now(), webhookEvent, issue: shown, changelog });
    const identifier = randomUUID();
    const first = tryOnce(to, body, identifier, 0);
    // Beside: nobody waits for it, and at the end of the process it is given up.
    first.then((told) => repeat(to, body, identifier, told)).catch(() => undefined);
    return first.then((told) => (told === 'lost' ? { error: 'lost, by a fault' } : told)).catch(() => null);
  }

  store.subscribe((change, before) => {
    const event = EVENTS[change.type];
    const issue = change.type === 'issue.created' ? change.issue : change.type === 'issue.deleted' ? before : 'id' in change ? store.jira.find(change.id) : undefined;
    latest = url === undefined || event === undefined || issue === undefined ? Promise.resolve(null) : tell(url, change, issue, event);
  });

  return {
    calledBy: (address) => {
      base = settings.base ?? address;
    },
    latest: () => latest,
    close: () => closing.abort(),
  };
}
