import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AppProcess,
  type RedisServer,
  type TestDatabase,
  lastingPort,
  spawnProcess,
  type TcpProxy,
  startRedis,
  startTcpProxy,
  testDatabase,
  waitFor,
} from '@deptracker/testkit';
import pg from 'pg';
import { lastWords } from './last-words.js';

export type Service = 'api' | 'jira-worker' | 'slack-worker' | 'metrics-cron';
export const SERVICES: readonly Service[] = ['api', 'jira-worker', 'slack-worker', 'metrics-cron'];

/** One write that the sandbox applied. The oracle, whatever the product says of itself. */
export interface Applied {
  readonly seq: number;
  readonly type: string;
  readonly answered: boolean;
  readonly summary: {
    readonly key?: string;
    readonly labels?: readonly string[];
    readonly status?: string;
    readonly text?: string;
    readonly threadTs?: string | null;
    readonly ts?: string;
    readonly user?: string;
    readonly metadata?: { readonly event_type: string; readonly event_payload: { readonly effect_id: string } } | null;
  };
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

const CHANNEL = 'C0DEPLOYS';
const SECRET = 'test-signing-secret';

/** Every process of the product with the sandbox outside, on a database and a Redis of their own. */
export class Fleet {
  readonly processes = new Map<Service | 'sandbox', AppProcess>();
  readonly channel = CHANNEL;
  readonly signingSecret = SECRET;
  /** Posts that had to be sent again, and answers that were given again. */
  repeated = 0;
  replayed = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly redis: RedisServer,
    /** Between the processes and Postgres. */
    readonly postgres: TcpProxy,
    readonly pool: pg.Pool,
    private readonly folder: string,
    private readonly ports: Readonly<Record<Service | 'sandbox', number>>,
    private readonly overrides: Readonly<Record<string, string>>,
    /** Where the code of the processes is, if not here. */
    private root?: string,
  ) {}

  static async start(overrides: Readonly<Record<string, string>> = {}, root?: string): Promise<Fleet> {
    const [database, redis, folder] = await Promise.all([
      testDatabase(),
      startRedis(),
      mkdtemp(join(tmpdir(), 'deptracker-fleet-')),
    ]);
    const ports = { api: 0, 'jira-worker': 0, 'slack-worker': 0, 'metrics-cron': 0, sandbox: 0 };
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await lastingPort();
    const postgres = await startTcpProxy({ to: database.url });
    const pool = new pg.Pool({ connectionString: database.url, max: 4 });
    // Dropping the database at the end ends its idle connections.
    pool.on('error', () => undefined);
    const fleet = new Fleet(database, redis, postgres, pool, folder, ports, overrides, root);
    await fleet.startSandbox();
    await Promise.all(SERVICES.map((service) => fleet.start(service)));
    return fleet;
  }

  get api(): string {
    return `http://127.0.0.1:${this.ports.api}`;
  }

  get sandbox(): string {
    return `http://127.0.0.1:${this.ports.sandbox}`;
  }

  url(service: Service): string {
    return `http://127.0.0.1:${this.ports[service]}`;
  }

  /** What a process gets to know; shortened where a test would otherwise wait for minutes. */
  environment(): Record<string, string> {
    return {
      DATABASE_URL: this.postgres.url,
      REDIS_URL: this.redis.url,
      LOG_LEVEL: 'info',
      // Many processes share a machine here.
      SHED_EVENT_LOOP_DELAY: '1m',
      SLACK_BOT_TOKEN: 'xoxb-test',
      SLACK_SIGNING_SECRET: SECRET,
      SLACK_CHANNEL_ID: CHANNEL,
      SLACK_TEAM_ID: 'T0SANDBOX',
      SLACK_API_URL: `${this.sandbox}/slack/api/`,
      JIRA_BASE_URL: `${this.sandbox}/jira`,
      JIRA_EMAIL: 'deptracker@example.com',
      JIRA_API_TOKEN: 'test-token',
      JIRA_PROJECT_KEY: 'OPS',
      RATE_LIMIT_PER_IP: '100000',
      JIRA_RATE_LIMIT: '60000',
      JIRA_RETRY_DELAY: '500ms',
      JIRA_LOOKUP_DELAYS_S: '1,2,3,4',
      JIRA_RECHECK_DELAYS_S: '20,40',
      JIRA_TIMEOUT: '1s',
      SLACK_RATE_LIMIT: '60000',
      SLACK_POST_RATE_LIMIT: '60000',
      SLACK_EDIT_RATE_LIMIT: '60000',
      SLACK_RETRY_DELAY: '500ms',
      SLACK_LOOKUP_DELAYS_S: '1,2,3,4',
      SLACK_TIMEOUT: '1s',
      SLACK_DIGEST_WINDOW: '1s',
      CIRCUIT_BREAKER_TIMEOUT: '1s',
      LEASE_MS: '4000',
      QUEUE_WINDOW: '3s',
      LIMITS_SCHEDULE: '* * * * * *',
      ...this.overrides,
    };
  }

  async startSandbox(): Promise<void> {
    const env = {
      PORT: String(this.ports.sandbox),
      SANDBOX_DATA: join(this.folder, 'sandbox.jsonl'),
      SLACK_SIGNING_SECRET: SECRET,
      SLACK_WEBHOOK_URL: `${this.api}/api/slack/webhook`,
      SLACK_TEAM_ID: 'T0SANDBOX',
      ...this.webhooks(),
    };
    this.processes.set('sandbox', await spawnProcess('sandbox', env));
  }

  /** Jira tells of its tickets where a secret is given for it. */
  private webhooks(): Record<string, string> {
    const { JIRA_WEBHOOK_SECRET: secret } = this.overrides;
    const url = `${this.api}/api/jira/webhook`;
    return secret === undefined ? {} : { JIRA_WEBHOOK_URL: url, JIRA_WEBHOOK_SECRET: secret, JIRA_BASE_URL: `${this.sandbox}/jira` };
  }

  async start(service: Service): Promise<AppProcess> {
    const elsewhere = this.root === undefined ? {} : { root: this.root };
    const started = await spawnProcess(service, { ...this.environment(), PORT: String(this.ports[service]) }, elsewhere);
    this.processes.set(service, started);
    return started;
  }

  /** Puts the code of here in the place of that from elsewhere, one process after the other. */
  async upgrade(): Promise<void> {
    delete this.root;
    for (const service of SERVICES) {
      const ended = await this.processes.get(service)?.stop();
      if (ended?.code !== 0) throw new Error(`${service} did not end in order: ${JSON.stringify(ended)}`);
      await this.start(service);
    }
  }

  /** SIGKILL, and a new one in its place. */
  async killAndRestart(service: Service): Promise<void> {
    await this.processes.get(service)?.kill('SIGKILL');
    await this.start(service);
  }

  async request<T = Record<string, unknown>>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as T };
  }

  /** Posts a deployment as a careful pipeline does: with a key, again until it is answered. */
  async post(fields: Readonly<Record<string, unknown>>, key: string): Promise<string> {
    const body = { project: 'user-service', environment: 'production', version: '1.0.0', requestedBy: 'carol@example.com', ...fields };
    const answer = await waitFor(
      async () => {
        const tried = await this.request<{ id: string }>('POST', '/api/deployments', body, { 'idempotency-key': key }).catch(
          () => null,
        );
        if (tried?.headers.get('idempotent-replayed') === 'true') this.replayed += 1;
        if (tried?.status === 201) return tried;
        this.repeated += 1;
        return null;
      },
      { timeoutMs: 30_000, what: `an answer to ${key}` },
    );
    return answer.body.id;
  }

  async faults(rules: readonly object[]): Promise<void> {
    const response = await fetch(`${this.sandbox}/_faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rules),
    });
    if (!response.ok) throw new Error(`The sandbox refused the faults: ${await response.text()}`);
  }

  /** Presses a button of a deployment's message as a person of the sandbox. */
  async click(deploymentId: string, action: 'deptracker_approve' | 'deptracker_reject', user: string): Promise<Answer> {
    return this.clickAt(await this.messageTs(deploymentId), deploymentId, action, user);
  }

  /** The same where the message's ts is known. */
  clickAt(ts: string, deploymentId: string, action: string, user: string): Promise<Answer> {
    return this.act('/_click', { channel: CHANNEL, ts, action_id: action, value: deploymentId, user });
  }

  /** Does something on the sandbox's page as a person. */
  async act(path: string, what: Readonly<Record<string, unknown>>): Promise<Answer> {
    const response = await fetch(`${this.sandbox}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(what),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
  }

  /** Presses Reject, says why in the modal that opens, and submits it. */
  async reject(deploymentId: string, user: string, reason: string): Promise<Answer> {
    await this.click(deploymentId, 'deptracker_reject', user);
    const { modals } = JSON.parse(await this.state()) as { modals: { id: string; user: string }[] };
    const view = modals.find((modal) => modal.user === user)?.id;
    return this.act('/_submit', { view, user, values: { deptracker_reason: { deptracker_reason_text: reason } } });
  }

  async messageTs(deploymentId: string): Promise<string> {
    return waitFor(
      async () => {
        const { body } = await this.request<{ messages: { kind: string; ts: string }[] }>('GET', `/api/deployments/${deploymentId}`);
        return body.messages.find(({ kind }) => kind === 'slack.approval')?.ts;
      },
      { timeoutMs: 30_000, what: 'the approval message' },
    );
  }

  /** Every write of this type that the sandbox applied, oldest first. */
  async applied(type: string): Promise<Applied[]> {
    const response = await fetch(`${this.sandbox}/_ledger?type=${type}`);
    return ((await response.json()) as { entries: Applied[] }).entries;
  }

  /** The labels of all tickets that were ever created: one each, or something was created twice. */
  async ticketLabels(): Promise<string[]> {
    return (await this.applied('issue.created')).flatMap(({ summary }) => summary.labels ?? []).sort();
  }

  /** The effects whose messages of this kind were ever posted: one each, or something was posted twice. */
  async postedEffects(kind: 'approval' | 'reply' | 'digest'): Promise<string[]> {
    const posted = (await this.applied('message.posted')).map(({ summary }) => summary.metadata);
    return posted.flatMap((mark) => (mark?.event_type === `deptracker_${kind}` ? [mark.event_payload.effect_id] : [])).sort();
  }

  /** What the sandbox shows now, as JSON text. */
  async state(): Promise<string> {
    return (await fetch(`${this.sandbox}/_state`)).text();
  }

  async calls(): Promise<Record<string, number>> {
    return (await (await fetch(`${this.sandbox}/_calls`)).json()) as Record<string, number>;
  }

  /** Rows of effects that are not done; empty when everything that was owed is settled. */
  async unsettled(): Promise<{ kind: string; phase: string; last_error: string | null }[]> {
    const { rows } = await this.pool.query<{ kind: string; phase: string; last_error: string | null }>(
      `SELECT kind, phase, last_error FROM effects WHERE phase <> 'sent' AND NOT (kind = 'slack.notice' AND parent_id IS NOT NULL)
         OR applied_revision < desired_revision AND kind <> 'slack.notice'`,
    );
    return rows;
  }

  async settled(timeoutMs: number): Promise<void> {
    let last: unknown[] = [];
    await waitFor(async () => (last = await this.unsettled()).length === 0, { timeoutMs, intervalMs: 100, what: 'every effect to settle' }).catch(
      (error: unknown) => {
        throw new Error(`Not settled: ${JSON.stringify(last.slice(0, 5))}\n${lastWords(this.processes)}`, { cause: error });
      },
    );
  }

  async stop(): Promise<void> {
    const ended = await Promise.all([...this.processes].map(async ([name, one]) => ({ name, ...(await one.stop()) })));
    await this.pool.end();
    await this.redis.stop();
    await this.postgres.stop();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
    const hard = ended.filter(({ code }) => code !== 0);
    if (hard.length > 0) throw new Error(`A process did not end in order: ${JSON.stringify(hard)}\n${lastWords(this.processes)}`);
  }
}
