import { createCreateDeployment } from '@deptracker/application';
import { type Database, type Queryable, createDatabase, createDeployments } from '@deptracker/store';
import { type AppProcess, type SpawnOptions, spawnProcess } from '@deptracker/testkit';

/** A pool for looking at what the processes do. */
export function open(url: string): Database {
  return createDatabase({ url, maxConnections: 5, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
}

const EVERY_SECOND = '* * * * * *';
const NEVER = '0 0 1 1 *';

/** Runs only what a test asks for: a schedule that is not given does not come up. */
export function start(
  urls: { readonly database: string; readonly redis: string },
  env: Readonly<Record<string, string>>,
  options: SpawnOptions = {},
): Promise<AppProcess> {
  return spawnProcess(
    'metrics-cron',
    {
      DATABASE_URL: urls.database,
      REDIS_URL: urls.redis,
      METRICS_SCHEDULE: NEVER,
      LIMITS_SCHEDULE: NEVER,
      ROLLUPS_SCHEDULE: NEVER,
      CLEANUP_SCHEDULE: NEVER,
      PARTITIONS_SCHEDULE: NEVER,
      LOG_LEVEL: 'debug',
      NODE_ENV: 'test',
      ...env,
    },
    options,
  );
}

export const LIMITS = { LIMITS_SCHEDULE: EVERY_SECOND };
export const SLA = { METRICS_SCHEDULE: EVERY_SECOND };
export const ROLLUPS = { ROLLUPS_SCHEDULE: EVERY_SECOND };
export const CLEANUP = { CLEANUP_SCHEDULE: EVERY_SECOND, PARTITIONS_SCHEDULE: EVERY_SECOND };

const POLICY = { revision: 0, approvalsRequired: 1, eligible: null, requesterMayApprove: false, approvalTtlSeconds: 86_400, timeoutSeconds: 7_200 };

/** Creates so many deployments as the API does, waiting for approval; gives their ids. */
export async function created(database: Database, howMany: number): Promise<string[]> {
  const create = createCreateDeployment({
    database,
    write: async (item) => (await createDeployments(database, [item]))[0] ?? { outcome: 'key_taken' },
    ground: () => Promise.resolve({ policy: POLICY, channelId: 'C0TEST' }),
    idempotencyTtlSeconds: 3_600,
    noticeDelayMs: () => Promise.resolve(0),
    queueMs: () => ({ jira: 0, slack: 0 }),
  });
  const ids: string[] = [];
  for (let index = 0; index < howMany; index += 1) {
    const request = {
      project: 'user-service',
      environment: 'production',
      version: `1.0.${index}`,
      commitSha: null,
      ref: null,
      description: null,
      requestedBy: 'ann@example.com',
      source: null,
      externalId: null,
      links: [],
      metadata: {},
      retryOf: null,
      rollbackOf: null,
      promotedFrom: null,
    };
    ids.push((await create({ request, idempotencyKey: null, requestId: null })).deployment.id);
  }
  return ids;
}

/** As if the time to decide had ended a second ago. */
export async function lapseApproval(database: Database, ids: readonly string[]): Promise<void> {
  await database.query(
    `UPDATE deployments SET approval_expires_at = now() - interval '1 second', limit_at = now() - interval '1 second' WHERE id = ANY ($1)`,
    [ids],
  );
}

/** As if the rollout had begun longer ago than it may take. */
export async function overrun(database: Queryable, ids: readonly string[]): Promise<void> {
  await database.query(
    `UPDATE deployments SET status = 'in_progress', approval_status = 'approved', started_at = now() - interval '3 hours', limit_at = now() - interval '1 hour'
     WHERE id = ANY ($1)`,
    [ids],
  );
}

/** How many rows. */
export async function count(database: Database, fromWhere: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${fromWhere}`, values);
  return row?.n ?? 0;
}
