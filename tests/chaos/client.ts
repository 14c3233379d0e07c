import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { REJECTION_CALLBACK } from '@deptracker/views';
import { CHANNEL, SECRET, TEAM } from './fleet/environment.js';
import type { History, Order, Press, Update } from './history.js';

export const PEOPLE = { ALICE: 'alice@example.com', BOB: 'bob@example.com', CAROL: 'carol@example.com', DAVE: 'dave@example.com' } as const;
export type Person = keyof typeof PEOPLE;

const PATIENCE_MS = 3_000;
const AGAIN_MS = 60;

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Patient callers of the API, who write down what they asked and what they were told. */
export class Client {
  constructor(
    private readonly url: string,
    private readonly history: History,
    /** Whether somebody still waits; a call that is not answered by then is given up. */
    private readonly open: () => boolean,
    /** Milliseconds before a request is repeated. */
    private readonly againMs = AGAIN_MS,
  ) {}

  /** One request. Null where there was no answer. */
  async send(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer | null> {
    const text = typeof body === 'string' || body === undefined ? (body ?? null) : JSON.stringify(body);
    const startedAt = performance.now();
    let answer: Answer | null;
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: text,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const raw = await response.text();
      // nginx answers in HTML.
      const retryAfter = response.headers.get('retry-after');
      const ours = response.headers.get('content-type')?.includes('json') === true;
      answer = { status: response.status, retryAfter, body: ours && raw !== '' ? (JSON.parse(raw) as Answer['body']) : {} };
      if (ours && answer.status === 500) this.history.faults.push(`${method} ${path} was answered 500: ${raw}`);
    } catch {
      answer = null;
    }
    this.history.timings.push({
      what: `${method} ${path.replace(/[0-9a-f-]{36}/, ':id')}`,
      status: answer?.status ?? 0,
      retryAfter: answer?.retryAfter ?? null,
      at: startedAt,
      ms: performance.now() - startedAt,
    });
    return answer;
  }

  get(path: string): Promise<Answer | null> {
    return this.send('GET', path, undefined);
  }

  /** Posts until it is answered; without a key once. Gives the id, or null where nobody answered. */
  async order(order: Order, headers: Readonly<Record<string, string>>): Promise<string | null> {
    do {
      const answer = await this.orderOnce(order, headers);
      if (answer !== null && isPromise(answer)) return String(answer.body['id']);
      await delay(this.againMs);
    } while (order.keyed && this.open());
    return null;
  }

  /** Posts once. */
  async orderOnce(order: Order, headers: Readonly<Record<string, string>>): Promise<Answer | null> {
    if (order.tries === 0) this.history.orders.push(order);
    order.tries += 1;
    const answer = await this.send('POST', '/api/deployments', order.body, headers);
    if (answer !== null && isPromise(answer)) noted(order, answer.body);
    else if (answer !== null && answer.status < 500) this.refused(`order ${order.name}`, answer);
    return answer;
  }

  /** Posts several at once under one key, until all are answered. */
  async batch(orders: readonly Order[], key: string): Promise<(string | null)[]> {
    this.history.orders.push(...orders);
    const ids = orders.map((): string | null => null);
    do {
      for (const order of orders) order.tries += 1;
      const body = { deployments: orders.map((order) => order.body) };
      const answer = await this.send('POST', '/api/deployments/batch', body, { 'idempotency-key': key });
      if (answer !== null && answer.status >= 400 && answer.status < 500) this.refused('the batch', answer);
      const results = (answer?.body['results'] ?? []) as { index: number; status: number; deployment?: Answer['body'] }[];
      for (const { index, status, deployment, ...rest } of results) {
        const order = orders[index];
        if (order === undefined) this.history.faults.push(`the batch was answered for a place ${index}`);
        else if (deployment !== undefined) ids[index] = noted(order, deployment);
        else if (status < 500) this.refused(`order ${order.name} in a batch`, { status, retryAfter: null, body: rest });
      }
      if (ids.every((id) => id !== null)) break;
      await delay(this.againMs);
    } while (this.open());
    return ids;
  }

  /** Presses a button, and sends the form that a rejection opens, until it is acknowledged; `twice` delivers the same press once more, as Slack does. */
  async press(press: Press, ts: string, person: Person, twice: boolean): Promise<void> {
    this.history.presses.push(press);
    // The button of a rejection only opens a form; what counts is the form that is sent.
    if (press.decision === 'reject') await this.until200(press, () => clickOf(press, ts, person));
    const counted = press.decision === 'reject' ? submissionOf : clickOf;
    const payload = await this.until200(press, () => counted(press, ts, person));
    press.acknowledged = payload !== null;
    if (payload === null) return;
    press.acknowledgedAt = Date.now();
    if (twice) await this.interact(payload);
  }

  /** Makes and sends payloads until one is acknowledged; that one, or null. */
  private async until200(press: Press, make: () => string): Promise<string | null> {
    while (this.open()) {
      const payload = make();
      press.answer = (await this.interact(payload))?.status ?? 0;
      if (press.answer === 200) return payload;
      await delay(this.againMs);
    }
    return null;
  }

  /** Asks for a status until somebody says yes or no. */
  async update(update: Update): Promise<void> {
    this.history.updates.push(update);
    while (this.open()) {
      const askedAt = Date.now();
      const answer = await this.send('PUT', `/api/deployments/${update.deploymentId}`, { status: update.status });
      if (answer !== null && answer.status < 500) {
        update.answer = answer.status;
        if (answer.status === 409) update.refused = { from: String(answer.body['from']), askedAt, answeredAt: Date.now() };
        else if (answer.status !== 200) this.refused(`status ${update.status}`, answer);
        else if (answer.body['id'] !== update.deploymentId || answer.body['status'] !== update.status) this.history.faults.push(`${update.deploymentId}: ${update.status} was answered with ${JSON.stringify(answer.body)}`);
        return;
      }
      await delay(this.againMs);
    }
  }

  private async interact(payload: string): Promise<Answer | null> {
    const body = new URLSearchParams({ payload }).toString();
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex');
    return this.send('POST', '/api/slack/webhook', body, {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    });
  }

  private refused(what: string, { status, body }: Answer): void {
    this.history.faults.push(`${what} was refused with ${status}: ${JSON.stringify(body)}`);
  }
}

const isPromise = ({ status }: Answer): boolean => status === 201 || status === 200;

/** Writes down which deployment an order was answered with. Its id. */
function noted(order: Order, deployment: Answer['body']): string {
  const id = String(deployment['id']);
  order.ids.add(id);
  order.answers.add(JSON.stringify(deployment));
  return id;
}

let presses = 0;

const by = (person: Person): object => ({
  user: { id: `U0${person}`, username: person.toLowerCase(), team_id: TEAM },
  team: { id: TEAM, domain: 'sandbox' },
});

/** Slack's payload of a form that is sent without a reason; each call is a form of its own. */
function submissionOf({ deploymentId }: Press, ts: string, person: Person): string {
  presses += 1;
  const remembered = JSON.stringify({ deploymentId, channelId: CHANNEL, messageTs: ts, fromHome: false });
  const view = { id: `V0${presses}`, type: 'modal', callback_id: REJECTION_CALLBACK, private_metadata: remembered, state: { values: {} } };
  return JSON.stringify({ type: 'view_submission', ...by(person), view });
}

/** Slack's payload of a press; each call is a press of its own. */
function clickOf({ deploymentId, decision }: Press, ts: string, person: Person): string {
  presses += 1;
  const action = { type: 'button', action_id: `deptracker_${decision}`, block_id: 'deptracker_decision', value: deploymentId };
  return JSON.stringify({
    type: 'block_actions',
    ...by(person),
    container: { type: 'message', message_ts: ts, channel_id: CHANNEL },
    channel: { id: CHANNEL, name: 'deploys' },
    message: { ts },
    actions: [{ ...action, action_ts: `${Math.floor(Date.now() / 1000)}.${String(presses).padStart(6, '0')}` }],
  });
}
