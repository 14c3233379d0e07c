import { createOffers } from '@deptracker/reconcile';
import {
  type Started,
  breakerConfig,
  createLogger,
  databaseConfig,
  jiraConfig,
  jiraSiteConfig,
  jiraWorkerConfig,
  leaseConfig,
  loadConfig,
  processConfig,
  queueConfig,
  redisConfig,
} from '@deptracker/runtime';
import type { Database } from '@deptracker/store';
import { type RedisServer, startRedis, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Deployer, type DeployerOptions, open } from '../../../packages/application/test/support/deployer.js';
import { settled } from '../../../packages/application/test/support/effects.js';
import { JIRA_ACCOUNT, Sandbox } from '../../../packages/application/test/support/sandbox.js';
import { startJiraWorker } from '../dist/compose.js';

const FRAGMENTS = [processConfig(0), databaseConfig, redisConfig, queueConfig, leaseConfig, breakerConfig, jiraConfig, jiraSiteConfig, jiraWorkerConfig] as const;
const logger = createLogger({ level: 'error', service: 'test', instance: 'test' });

type Overrides = Readonly<Record<string, string>>;

/** What is shared by the tests of one file: the outside and a Redis. */
export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly redis: RedisServer;
}

export async function startSurroundings(): Promise<Surroundings & { stop(): Promise<void> }> {
  const [sandbox, redis] = await Promise.all([Sandbox.start(), startRedis()]);
  return { sandbox, redis, stop: async () => void (await Promise.all([sandbox.stop(), redis.stop()])) };
}

/** What a jira-worker is configured with; shortened where a test would wait. */
export function jiraEnv(databaseUrl: string, { sandbox, redis }: Surroundings): Record<string, string> {
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    JIRA_BASE_URL: `${sandbox.url}/jira`,
    JIRA_EMAIL: JIRA_ACCOUNT.email,
    JIRA_API_TOKEN: JIRA_ACCOUNT.token,
    JIRA_PROJECT_KEY: 'OPS',
    JIRA_RATE_LIMIT: '60000',
    JIRA_RETRY_DELAY: '200ms',
    JIRA_LOOKUP_DELAYS_S: '1,2',
    JIRA_RECHECK_DELAYS_S: '600',
    JIRA_TIMEOUT: '1s',
    CIRCUIT_BREAKER_TIMEOUT: '1s',
    LEASE_MS: '4000',
    QUEUE_WINDOW: '3s',
  };
}

/** One issue as Jira shows it. */
export interface Issue {
  readonly id: string;
  readonly key: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- looked at field by field
  readonly fields: any;
}

let benches = 0;

/** A jira-worker in this process on a database of its own, fed as the API feeds it. */
export class Bench {
  #worker: Started | null = null;
  readonly failures: Error[] = [];

  private constructor(
    readonly surroundings: Surroundings,
    readonly database: Database,
    readonly deployer: Deployer,
    readonly env: Readonly<Record<string, string>>,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(surroundings: Surroundings, overrides: Overrides = {}, options: DeployerOptions = {}): Promise<Bench> {
    const own = await testDatabase();
    const database = open(own.url);
    benches += 1;
    const prefix = `bench-${benches}`;
    const offers = createOffers({ redisUrl: surroundings.redis.url, prefix, queueMs: 2_000, logger });
    const deployer = new Deployer(database, { queueMs: () => offers.queueMs(), offer: (effects) => offers.offer(effects), ...options });
    const env = { ...jiraEnv(own.url, surroundings), QUEUE_PREFIX: prefix, ...overrides };
    await surroundings.sandbox.faults();
    const bench = new Bench(surroundings, database, deployer, env, async () => {
      await offers.close();
      await database.close();
      await own.drop();
    });
    await bench.startWorker();
    await waitFor(() => offers.queueMs().jira > 0, { what: 'room in the queue' });
    return bench;
  }

  get sandbox(): Sandbox {
    return this.surroundings.sandbox;
  }

  async startWorker(overrides: Overrides = {}): Promise<void> {
    const fail = (error: Error): void => void this.failures.push(error);
    this.#worker = await startJiraWorker(loadConfig({ ...this.env, ...overrides }, FRAGMENTS), { signal: new AbortController().signal, fail, watch: () => () => undefined });
  }

  /** A new worker in the place of the old one: it remembers nothing. */
  async restartWorker(overrides: Overrides = {}): Promise<void> {
    await this.stopWorker();
    await this.startWorker(overrides);
  }

  async stopWorker(): Promise<void> {
    for (const step of this.#worker?.steps ?? []) await step.run();
    this.#worker = null;
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    await this.close();
    if (this.failures.length > 0) throw new AggregateError(this.failures, 'The worker wanted to end.');
  }

  settled(timeoutMs?: number): Promise<void> {
    return settled(this.database, 'jira', timeoutMs);
  }

  /** Every issue that was ever created with a deployment's label, as it is now, oldest first. */
  async issues(deploymentId: string): Promise<Issue[]> {
    const created = await this.sandbox.applied('issue.created');
    const mine = created.filter(({ summary }) => summary.labels.includes(`dep-${deploymentId}`));
    return Promise.all(mine.map(({ ids }) => this.sandbox.jira('GET', `/issue/${ids['issueId']}`) as Promise<Issue>));
  }

  /** The deployment's only issue, once there is one. */
  async issue(deploymentId: string): Promise<Issue> {
    const [issue, ...others] = await waitFor(async () => {
      const found = await this.issues(deploymentId);
      return found.length > 0 && found;
    });
    if (issue === undefined || others.length > 0) throw new Error(`${deploymentId} has ${others.length + 1} issues`);
    return issue;
  }

  /** Names of the statuses that an issue was moved to, in order. */
  async moves(issueId: string): Promise<string[]> {
    const moved = await this.sandbox.applied('issue.transitioned');
    return moved.filter(({ ids }) => ids['issueId'] === issueId).map(({ summary }) => summary.status as string);
  }

  /** Somebody moves an issue in Jira by hand. */
  async moveByHand(issueId: string, to: 'In Progress' | 'Done'): Promise<void> {
    await this.sandbox.jira('POST', `/issue/${issueId}/transitions`, { transition: { id: to === 'Done' ? '31' : '21' } });
  }
}

/** One bench for all tests of a describe. */
export function useBench(overrides: Overrides = {}, options: DeployerOptions = {}): () => Bench {
  let surroundings: Awaited<ReturnType<typeof startSurroundings>> | undefined;
  let bench: Bench | undefined;
  beforeAll(async () => {
    surroundings = await startSurroundings();
    bench = await Bench.start(surroundings, overrides, options);
  });
  afterEach(() => surroundings?.sandbox.faults());
  afterAll(async () => {
    await bench?.stop();
    await surroundings?.stop();
  });
  return () => {
    if (bench === undefined) throw new Error('The bench has not started.');
    return bench;
  };
}
