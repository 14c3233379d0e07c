import { type AppProcess, spawnProcess } from '@deptracker/testkit';

/** One write that the sandbox applied: the oracle, whatever the product says of itself. */
export interface Applied {
  readonly type: string;
  readonly answered: boolean;
  readonly ids: Readonly<Record<string, string>>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- looked at field by field
  readonly summary: any;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are looked at field by field
type Json = any;

export const JIRA_ACCOUNT = { email: 'deptracker@example.com', token: 'right-token' } as const;
export const SLACK_TOKEN = 'xoxb-right-token';

/** The real sandbox in a process of its own; it checks credentials and knows the project OPS only. */
export class Sandbox {
  private constructor(private readonly process: AppProcess) {}

  static async start(): Promise<Sandbox> {
    return new Sandbox(
      await spawnProcess('sandbox', {
        JIRA_EMAIL: JIRA_ACCOUNT.email,
        JIRA_API_TOKEN: JIRA_ACCOUNT.token,
        JIRA_PROJECT_KEY: 'OPS,IDN',
        SLACK_BOT_TOKEN: SLACK_TOKEN,
      }),
    );
  }

  get url(): string {
    return this.process.url;
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  /** Replaces all faults. */
  async faults(...rules: readonly object[]): Promise<void> {
    await this.#send('PUT', '/_faults', rules);
  }

  /** The applied writes of this type, oldest first. */
  async applied(type: string): Promise<Applied[]> {
    return ((await this.#send('GET', `/_ledger?type=${type}`)) as { entries: Applied[] }).entries;
  }

  /** How many calls of this method came in, however they ended. */
  async calls(method: string): Promise<number> {
    return ((await this.#send('GET', '/_calls')) as Record<string, number>)[method] ?? 0;
  }

  /** What the sandbox shows now. */
  state(): Promise<Json> {
    return this.#send('GET', '/_state');
  }

  /** A person's or another program's request to Jira. */
  jira(method: string, path: string, body?: object): Promise<Json> {
    const basic = Buffer.from(`${JIRA_ACCOUNT.email}:${JIRA_ACCOUNT.token}`).toString('base64');
    return this.#send(method, `/jira/rest/api/3${path}`, body, { authorization: `Basic ${basic}` });
  }

  /** A request to Slack with the bot's token; rejects unless Slack says ok. */
  async slack(method: string, body: object): Promise<Json> {
    const answer = await this.#send('POST', `/slack/api/${method}`, body, { authorization: `Bearer ${SLACK_TOKEN}` });
    if (answer.ok !== true) throw new Error(`${method}: ${String(answer.error)}`);
    return answer;
  }

  async #send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
}
