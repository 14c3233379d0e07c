import { type RedisServer, createDatabase, freePort, startRedis } from '@deptracker/testkit';
import { migrateUp } from '@deptracker/store';
import pg from 'pg';
import { type Process, type Spawned, spawnNode } from './processes.js';

/** One of the two builds, with a database and a Redis of its own. */
export interface Contender {
  readonly name: 'baseline' | 'product';
  /** Addresses of its API processes. */
  readonly urls: readonly [string, ...string[]];
  /** Its own processes; Postgres is shared and Redis stands beside. */
  readonly processes: readonly Process[];
  readonly redis: RedisServer;
  /** The bench's own way into its database. */
  readonly pool: pg.Pool;
  stop(): Promise<void>;
}

interface Ground {
  readonly databaseUrl: string;
  readonly redis: RedisServer;
}

type Start = (ground: Ground) => Promise<readonly Spawned[]>;

async function build(name: Contender['name'], adminUrl: string, start: Start): Promise<Contender> {
  const [database, redis] = await Promise.all([createDatabase(adminUrl), startRedis({ persistent: true })]);
  await migrateUp(database.url);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => undefined);
  const processes = await start({ databaseUrl: database.url, redis });
  const [first, ...more] = processes.filter((one) => one.name.startsWith('api')).map(({ url }) => url);
  if (first === undefined) throw new Error(`${name} has no API.`);
  return {
    name,
    urls: [first, ...more],
    processes,
    redis,
    pool,
    stop: async () => {
      await Promise.all(processes.map((one) => one.stop()));
      await pool.end();
      await redis.stop();
      await database.drop();
    },
  };
}

/** The naive build of `baseline/`, one process. */
export function startBaseline(adminUrl: string): Promise<Contender> {
  return build('baseline', adminUrl, async ({ databaseUrl, redis }) => {
    const env = { DATABASE_URL: databaseUrl, REDIS_URL: redis.url, NODE_ENV: 'production', PORT: String(await freePort()) };
    return [await spawnNode('api', 'bench/dist/baseline/main.js', env)];
  });
}

export interface ProductOptions {
  readonly apis?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The product with everything running: API, both workers at their usual limits, metrics-cron, and the sandbox outside. */
export function startProduct(adminUrl: string, { apis = 1, env: overrides = {} }: ProductOptions = {}): Promise<Contender> {
  return build('product', adminUrl, async ({ databaseUrl, redis }) => {
    const secret = 'bench-signing-secret';
    const sandboxPort = await freePort();
    const sandbox = `http://127.0.0.1:${sandboxPort}`;
    const env = {
      HOST: '127.0.0.1',
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      RATE_LIMIT_PER_IP: '1000000',
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_SIGNING_SECRET: secret,
      SLACK_CHANNEL_ID: 'C0DEPLOYS',
      SLACK_TEAM_ID: 'T0SANDBOX',
      SLACK_API_URL: `${sandbox}/slack/api/`,
      JIRA_BASE_URL: `${sandbox}/jira`,
      JIRA_EMAIL: 'deptracker@example.com',
      JIRA_API_TOKEN: 'bench',
      JIRA_PROJECT_KEY: 'OPS',
      ...overrides,
    };
    const app = async (name: string, of: string): Promise<Spawned> => spawnNode(name, `apps/${of}/dist/main.js`, { ...env, PORT: String(await freePort()) });
    const first = await spawnNode('sandbox', 'apps/sandbox/dist/main.js', {
      PORT: String(sandboxPort),
      SLACK_SIGNING_SECRET: secret,
      SLACK_TEAM_ID: 'T0SANDBOX',
      SLACK_WEBHOOK_URL: 'http://127.0.0.1:1/',
    });
    const names = Array.from({ length: apis }, (_, index) => `api-${String(index + 1)}`);
    const others = await Promise.all(['jira-worker', 'slack-worker', 'metrics-cron'].map((of) => app(of, of)));
    const fronts = await Promise.all(names.map((name) => app(name, 'api')));
    return [...fronts, ...others, first];
  });
}
