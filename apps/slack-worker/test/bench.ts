import { createOffers } from '@deptracker/reconcile';
import {
  type Started,
  breakerConfig,
  createLogger,
  databaseConfig,
  leaseConfig,
  loadConfig,
  processConfig,
  queueConfig,
  redisConfig,
  slackConfig,
  slackWorkerConfig,
} from '@deptracker/runtime';
import type { Database } from '@deptracker/store';
import { type RedisServer, startRedis, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { CHANNEL, Deployer, type DeployerOptions, open } from '../../../packages/application/test/support/deployer.js';
import { effectOf, settled } from '../../../packages/application/test/support/effects.js';
import { SLACK_TOKEN, Sandbox } from '../../../packages/application/test/support/sandbox.js';
import { startSlackWorker } from '../dist/compose.js';

const FRAGMENTS = [processConfig(0), databaseConfig, redisConfig, queueConfig, leaseConfig, breakerConfig, slackConfig, slackWorkerConfig] as const;
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

/** What a slack-worker is configured with; shortened where a test would wait. */
export function slackEnv(databaseUrl: string, { sandbox, redis }: Surroundings): Record<string, string> {
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    SLACK_BOT_TOKEN: SLACK_TOKEN,
    SLACK_API_URL: `${sandbox.url}/slack/api/`,
    SLACK_RATE_LIMIT: '60000',
    SLACK_POST_RATE_LIMIT: '60000',
    SLACK_EDIT_RATE_LIMIT: '60000',
    SLACK_RETRY_DELAY: '200ms',
    SLACK_LOOKUP_DELAYS_S: '1,2',
    SLACK_TIMEOUT: '1s',
    CIRCUIT_BREAKER_TIMEOUT: '1s',
    LEASE_MS: '4000',
    QUEUE_WINDOW: '3s',
  };
}

/** One message as Slack shows it. */
export interface Message {
  readonly ts: string;
  readonly text: string;
  readonly blocks?: readonly { readonly type: string }[];
  readonly metadata?: { readonly event_type: string; readonly event_payload: { readonly effect_id: string } };
}

/** A slack-worker in this process on a database of its own, fed as the API feeds it. */
export class Bench {
  #worker: Started | null = null;

  private constructor(
    readonly sandbox: Sandbox,
    readonly database: Database,
    readonly deployer: Deployer,
    readonly env: Readonly<Record<string, string>>,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(surroundings: Surroundings, overrides: Overrides, options: DeployerOptions): Promise<Bench> {
    const own = await testDatabase();
    const database = open(own.url);
    const offers = createOffers({ redisUrl: surroundings.redis.url, prefix: 'bench', queueMs: 2_000, logger });
    const deployer = new Deployer(database, { queueMs: () => offers.queueMs(), offer: (effects) => offers.offer(effects), ...options });
    const env = { ...slackEnv(own.url, surroundings), QUEUE_PREFIX: 'bench', ...overrides };
    const bench = new Bench(surroundings.sandbox, database, deployer, env, async () => {
      await offers.close();
      await database.close();
      await own.drop();
    });
    await bench.startWorker();
    await waitFor(() => offers.queueMs().slack > 0, { what: 'room in the queue' });
    return bench;
  }

  async startWorker(overrides: Overrides = {}): Promise<void> {
    const fail = (error: Error): void => {
      throw error;
    };
    this.#worker = await startSlackWorker(loadConfig({ ...this.env, ...overrides }, FRAGMENTS), { signal: new AbortController().signal, fail, watch: () => () => undefined });
  }

  async stopWorker(): Promise<void> {
    for (const step of this.#worker?.steps ?? []) await step.run();
    this.#worker = null;
  }

  async restartWorker(overrides: Overrides = {}): Promise<void> {
    await this.stopWorker();
    await this.startWorker(overrides);
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    await this.close();
  }

  settled(timeoutMs?: number): Promise<void> {
    return settled(this.database, 'slack', timeoutMs);
  }

  /** Everything that stands in the channel, oldest first. */
  async channel(): Promise<Message[]> {
    const { messages } = await this.sandbox.slack('conversations.history', { channel: CHANNEL, limit: 900, include_all_metadata: true });
    return (messages as Message[]).reverse();
  }

  /** A deployment's only approval message, as it stands. */
  async message(deploymentId: string): Promise<Message> {
    const { id } = await effectOf(this.database, deploymentId, 'slack.approval');
    const [message, ...others] = (await this.channel()).filter(({ metadata }) => metadata?.event_payload.effect_id === id);
    if (message === undefined || others.length > 0) throw new Error(`${deploymentId} has ${others.length} messages more than one, or none`);
    return message;
  }

  /** The texts in a message's thread, oldest first. */
  async replies(ts: string): Promise<string[]> {
    const { messages } = await this.sandbox.slack('conversations.replies', { channel: CHANNEL, ts });
    return (messages as Message[]).filter((one) => one.ts !== ts).map(({ text }) => text);
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
