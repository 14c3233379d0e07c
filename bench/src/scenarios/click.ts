import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@deptracker/testkit';
import { CHANNEL, SIGNING_SECRET } from '../contender.js';
import { at, latencies, record, summary } from '../load/latencies.js';
import { openLoop } from '../load/open-loop.js';
import { ask, createRequests, makeDeployments } from './requests.js';
import type { Scenario, Turn } from './scenario.js';

/** 45 a minute: below the 50 edits that Slack allows. */
const CLICKS_PER_SECOND = 0.75;
const CREATES_PER_SECOND = 500;
/** Nobody is asked there: what is created meanwhile makes notices, and no messages that compete with the edits for a channel. */
const QUIET = 'quiet';
const SETTLED_MS = 120_000;
const FAST = { SLACK_RATE_LIMIT: '600000', SLACK_POST_RATE_LIMIT: '600000', SLACK_EDIT_RATE_LIMIT: '600000', JIRA_RATE_LIMIT: '600000' };

interface Message {
  readonly id: string;
  readonly ts: string;
}

/** A press of Approve as Slack sends it. */
function press(url: string, { id, ts }: Message): Promise<Response> {
  const payload = {
    type: 'block_actions',
    team: { id: 'T0SANDBOX' },
    user: { id: 'U0ALICE', team_id: 'T0SANDBOX' },
    container: { type: 'message', message_ts: ts, channel_id: CHANNEL },
    actions: [{ type: 'button', action_id: 'deptracker_approve', value: id, action_ts: `${Date.now() / 1_000}` }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${body}`).digest('hex');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${signature}` };
  return fetch(`${url}/api/slack/webhook`, { method: 'POST', headers, body });
}

/** When each message was first edited after a moment, on the clock that the sandbox and we share. */
async function edits(sandbox: string): Promise<{ readonly ts: string; readonly at: number }[]> {
  const { entries } = (await (await fetch(`${sandbox}/_ledger?type=message.updated`)).json()) as { entries: { at: string; summary: { ts?: string } }[] };
  return entries.map((entry) => ({ ts: entry.summary.ts ?? '', at: Date.parse(entry.at) }));
}

const OWED = `SELECT count(*)::int AS count FROM effects WHERE next_attempt_at IS NOT NULL`;

/** Messages that wait for a decision, with nothing left to do for them. */
async function askForApproval({ contender, count }: Turn): Promise<Message[]> {
  const { pool } = contender;
  for (const worker of ['jira-worker', 'slack-worker']) await contender.restart(worker, FAST);
  await makeDeployments(contender, count, 'production');
  const settled = async (): Promise<boolean> => (await pool.query<{ count: number }>(OWED)).rows[0]?.count === 0;
  await waitFor(settled, { timeoutMs: SETTLED_MS, intervalMs: 100, what: 'every message to be posted' });
  for (const worker of ['jira-worker', 'slack-worker']) await contender.restart(worker, {});
  const { rows } = await pool.query<Message>(`SELECT deployment_id AS id, ts FROM slack_messages WHERE kind = 'slack.approval'`);
  return rows;
}

async function clicks(url: string, messages: Iterator<Message, undefined>, seconds: number) {
  const answers = latencies();
  const pressed = new Map<string, number>();
  const pending: Promise<void>[] = [];
  let errors = 0;
  for (let turn = 0; turn < seconds * CLICKS_PER_SECOND; turn += 1) {
    const { value: message } = messages.next();
    if (message === undefined) throw new Error('There are fewer messages than clicks; ask for more with --count.');
    const before = performance.now();
    pressed.set(message.ts, Date.now());
    pending.push(press(url, message).then(async (answer) => {
      await answer.arrayBuffer();
      record(answers, performance.now() - before);
      if (!answer.ok) errors += 1;
    }));
    await delay(1_000 / CLICKS_PER_SECOND);
  }
  await Promise.all(pending);
  return { answers, pressed, errors };
}

async function load(url: string, sandbox: string, messages: Iterator<Message, undefined>, seconds: number) {
  const creating = openLoop({ url, connections: 64, perSecond: CREATES_PER_SECOND, seconds, requests: createRequests(QUIET) });
  const [creates, { answers, pressed, errors }] = await Promise.all([creating, clicks(url, messages, seconds)]);
  const edited = latencies();
  await waitFor(
    async () => {
      const all = await edits(sandbox);
      const waits = [...pressed].map(([ts, pressedAt]) => (all.find((edit) => edit.ts === ts && edit.at >= pressedAt)?.at ?? NaN) - pressedAt);
      if (waits.some(Number.isNaN)) return false;
      for (const wait of waits) record(edited, wait);
      return true;
    },
    { timeoutMs: SETTLED_MS, intervalMs: 250, what: 'every message to be edited' },
  );
  const figures = { 'edited: p50 ms': at(edited, 50), 'edited: p99 ms': at(edited, 99), 'creates meanwhile: p99 ms': creates.p99 };
  return { ...summary(answers, errors + creates.errors, seconds), figures };
}

export const CLICK: readonly Scenario[] = [
  {
    name: 'click',
    title: 'click → decided → answered, and → message edited, with 500 creates/s',
    builds: ['product'],
    rounds: 2,
    seconds: 40,
    warmSeconds: 3,
    count: 60,
    product: { vendor: 'sandbox', without: ['jira-worker', 'slack-worker'] },
    prepare: async (turn) => {
      const { urls: [url], processes } = turn.contender;
      const sandbox = processes.find(({ name }) => name === 'sandbox')?.url ?? '';
      const policy = JSON.stringify({ name: QUIET, approvalPolicy: { required: 0 } });
      await ask(url, { method: 'POST', path: '/api/environments', headers: { 'content-type': 'application/json' }, body: policy });
      const messages = (await askForApproval(turn)).values();
      return (seconds) => load(url, sandbox, messages, seconds);
    },
  },
];
