import { type TestDatabase, asAdmin } from '@deptracker/testkit';
import pg from 'pg';
import { TABLES } from './baseline/tables.js';
import type { Ground } from './ground/ground.js';
import { type SpawnOptions, type Spawned, spawnNode } from './processes.js';

export type BuildName = 'baseline' | 'product';

/** One of the two builds as it runs. */
export interface Contender {
  readonly name: BuildName;
  /** Addresses of its API processes. */
  readonly urls: readonly [string, ...string[]];
  readonly processes: readonly Spawned[];
  /** The bench's own way into its database. */
  readonly pool: pg.Pool;
  /** What its processes were started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly nodeArgs: readonly string[];
  /** Ends an app where it runs and starts it anew, with other variables on top; its log goes to a file where one is named. */
  restart(name: string, env: Readonly<Record<string, string>>, logFile?: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ProductOptions {
  /** API processes; default 1. */
  readonly apis?: number;
  /** Variables besides those that every product here gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** The stand-ins for Jira and Slack; default the stub. */
  readonly vendor?: 'stub' | 'sandbox';
  /** Options of node itself for the API processes alone. */
  readonly apiArgs?: readonly string[];
  /** Apps that are not started at first. */
  readonly without?: readonly string[];
}

export const SIGNING_SECRET = 'bench-signing-secret';
export const CHANNEL = 'C0DEPLOYS';
const APPS = ['jira-worker', 'slack-worker', 'metrics-cron'];
/** The highest limit that there is, a minute: it is counted, and what a run asks for at once is below it. */
const RATE = '1000000';

function openPool({ url }: TestDatabase): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'bench' });
  pool.on('error', () => undefined);
  return pool;
}

interface Plan {
  readonly name: string;
  readonly script: string;
}

/** Starts all, or none of them. */
async function startAll(plans: readonly Plan[], start: (plan: Plan) => Promise<Spawned>): Promise<Spawned[]> {
  const results = await Promise.allSettled(plans.map(start));
  const started = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = results.find((one) => one.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((one) => one.stop()));
  throw failed.reason;
}

interface Build {
  readonly name: BuildName;
  readonly database: TestDatabase;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeArgs: readonly string[];
  readonly plans: readonly Plan[];
  readonly start: (plan: Plan, more?: Pick<SpawnOptions, 'env' | 'logFile'>) => Promise<Spawned>;
  readonly beside: readonly Spawned[];
}

async function run({ name, database, env, nodeArgs, plans, start, beside }: Build): Promise<Contender> {
  const processes = [...(await startAll(plans, start)), ...beside];
  const pool = openPool(database);
  const [first, ...more] = processes.filter((one) => one.name.startsWith('api')).map(({ url }) => url);
  if (first === undefined) throw new Error(`${name} has no API.`);
  return {
    name,
    urls: [first, ...more],
    processes,
    pool,
    env,
    nodeArgs,
    restart: async (which, changed, logFile) => {
      const index = processes.findIndex((one) => one.name === which);
      const before = processes[index];
      await before?.stop();
      // Whoever knows its address is to find it there again.
      const port = before === undefined ? {} : { PORT: new URL(before.url).port };
      const started = await start({ name: which, script: `apps/${which}/dist/main.js` }, { env: { ...changed, ...port }, ...(logFile === undefined ? {} : { logFile }) });
      if (before === undefined) processes.push(started);
      else processes[index] = started;
    },
    stop: async () => {
      await Promise.all(processes.map((one) => one.stop()));
      await pool.end();
      await database.drop();
    },
  };
}

/** The naive build of `baseline/`, one process. */
export async function startBaseline(ground: Ground): Promise<Contender> {
  await ground.emptyRedis();
  const database = await ground.database('none');
  await asAdmin(database.url, TABLES);
  const env = { DATABASE_URL: database.url, REDIS_URL: ground.redis.url, NODE_ENV: 'production' };
  const plans = [{ name: 'api', script: 'bench/dist/baseline/main.js' }];
  return run({ name: 'baseline', database, env, nodeArgs: [], plans, start: ({ name, script }) => spawnNode(name, script, { env }), beside: [] });
}

function startVendor(kind: 'stub' | 'sandbox', apiUrl: string): Promise<Spawned> {
  if (kind === 'stub') return spawnNode('vendor', 'bench/dist/vendor/main.js', { env: {} });
  const env = { HOST: '127.0.0.1', SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_TEAM_ID: 'T0SANDBOX', SLACK_WEBHOOK_URL: `${apiUrl}/api/slack/webhook` };
  return spawnNode('sandbox', 'apps/sandbox/dist/main.js', { env });
}

/** The product with everything running: API, both workers, metrics-cron, and stand-ins outside. */
export async function startProduct(ground: Ground, options: ProductOptions, nodeArgs: readonly string[], filled?: TestDatabase): Promise<Contender> {
  const { apis = 1, vendor = 'stub', without = [], apiArgs = [] } = options;
  await ground.emptyRedis();
  const database = filled ?? (await ground.database('product'));
  const outside = await startVendor(vendor, 'http://127.0.0.1:1');
  const env = {
    HOST: '127.0.0.1',
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    REDIS_URL: ground.redis.url,
    RATE_LIMIT_PER_IP: RATE,
    SLACK_BOT_TOKEN: 'xoxb-bench',
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_CHANNEL_ID: CHANNEL,
    SLACK_TEAM_ID: 'T0SANDBOX',
    SLACK_API_URL: `${outside.url}/slack/api/`,
    JIRA_BASE_URL: `${outside.url}/jira`,
    JIRA_EMAIL: 'deptracker@example.com',
    JIRA_API_TOKEN: 'bench',
    JIRA_PROJECT_KEY: 'OPS',
    ...options.env,
  };
  const start: Build['start'] = ({ name, script }, more) => 
    spawnNode(name, script, { ...more, env: { ...env, ...more?.env }, nodeArgs: name.startsWith('api') ? [...nodeArgs, ...apiArgs] : nodeArgs });
  const fronts = Array.from({ length: apis }, (_, index) => ({ name: apis === 1 ? 'api' : `api-${index + 1}`, script: 'apps/api/dist/main.js' }));
  const others = APPS.filter((name) => !without.includes(name)).map((name) => ({ name, script: `apps/${name}/dist/main.js` }));
  try {
    return await run({ name: 'product', database, env, nodeArgs: [...nodeArgs, ...apiArgs], plans: [...fronts, ...others], start, beside: [outside] });
  } catch (error) {
    await outside.stop();
    await database.drop();
    throw error;
  }
}
