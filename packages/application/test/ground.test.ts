import {
  type Created,
  type Defaults,
  type FindGround,
  archiveEnvironment,
  archiveProject,
  createCreateDeployment,
  createGround,
  createKnown,
  createProject,
  updateEnvironment,
  updateProject,
} from '@deptracker/application';
import { type Database, createDeployments } from '@deptracker/store';
import { plainProject } from '@deptracker/domain';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL, POLICY, open, request } from './support/deployer.js';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = open(own.url);
});

afterAll(async () => {
  await database.close();
  await own.drop();
});

const DEFAULTS: Defaults = { policy: POLICY, channelId: CHANNEL, unknownProject: 'create', unknownEnvironment: 'create' };
const CAUSE = { actor: null, requestId: null, outdated: null };
const UNSEEN = { actor: null, requestId: null, expectedRevision: null };

interface Over {
  readonly defaults?: Partial<Defaults>;
  readonly channel?: (project: string, environment: string) => string | null;
  readonly database?: Database;
}

/** The ground as one replica finds it, which hears nothing of the others. */
function replica(over: Over = {}): FindGround {
  const defaults = { ...DEFAULTS, ...over.defaults };
  return createGround({
    database: over.database ?? database,
    defaults: () => Promise.resolve(defaults),
    channel: (...place) => Promise.resolve(over.channel?.(...place) ?? null),
    known: createKnown(),
  });
}

/** Deploys as the API does, with `before` between the judgement and the write. */
function deploying(ground: FindGround, before: () => Promise<unknown> = () => Promise.resolve()) {
  const create = createCreateDeployment({
    database,
    ground,
    noticeDelayMs: () => Promise.resolve(0),
    queueMs: () => ({ jira: 0, slack: 0 }),
    idempotencyTtlSeconds: 60,
    write: async (item) => {
      await before();
      return (await createDeployments(database, [item]))[0] ?? { outcome: 'policy_changed' };
    },
  });
  return (fields: object, idempotencyKey: string | null = null): Promise<Created> => create({ request: request(fields), idempotencyKey, requestId: null });
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => 'none', (error: { refusal?: { code: string }; message: string }) => error.refusal?.code ?? error.message);

const count = async (table: string, where: string): Promise<number> =>
  (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`))[0]?.n ?? 0;

describe('the ground of a project or environment that there is not', () => {
  it('is refused where the defaults say so, and then nothing is left behind', async () => {
    const projects = replica({ defaults: { unknownProject: 'refuse' } });
    const environments = replica({ defaults: { unknownEnvironment: 'refuse' } });
    expect(await codeOf(projects('p-unknown', 'e-unknown', CAUSE))).toBe('project_unknown');
    expect(await codeOf(environments('p-unknown', 'e-unknown', CAUSE))).toBe('environment_unknown');
    expect(await count('projects', `key = 'p-unknown'`)).toBe(0);
    expect(await count('environments', `name = 'e-unknown'`)).toBe(0);
    expect(await count('setting_events', `subject_id LIKE '%-unknown'`)).toBe(0);
    await database.transaction((uow) => createProject(uow, 'p-unknown', plainProject('p-unknown'), UNSEEN));
    expect(await codeOf(projects('p-unknown', 'e-unknown', CAUSE))).toBe('none');
  });

  it('is made once by fifty at once at three replicas', async () => {
    const grounds = [replica(), replica(), replica()] as const;
    const found = await Promise.all(Array.from({ length: 50 }, (_, n) => grounds[(n % 3) as 0 | 1 | 2]('p-race', 'e-race', CAUSE)));
    expect(new Set(found.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await count('setting_events', `subject_id IN ('p-race', 'e-race')`)).toBe(2);
  });

  it('is found after the database was away for it', async () => {
    let away = true;
    const flaky: Database = { ...database, transaction: (work) => (away ? Promise.reject(new Error('away')) : database.transaction(work)) };
    const ground = replica({ database: flaky });
    expect(await codeOf(ground('p-away', 'e-away', CAUSE))).toBe('away');
    away = false;
    expect(await codeOf(ground('p-away', 'e-away', CAUSE))).toBe('none');
  });
});

describe('the ground', () => {
  it('costs no statement while it is remembered', async () => {
    let asked = 0;
    const counting: Database = { ...database, query: (...of) => ((asked += 1), database.query(...of)), transaction: (work) => ((asked += 1), database.transaction(work)) };
    const ground = replica({ database: counting });
    await ground('p-cheap', 'e-cheap', CAUSE);
    await ground('p-cheap', 'e-cheap', CAUSE);
    asked = 0;
    await Promise.all(Array.from({ length: 100 }, () => ground('p-cheap', 'e-cheap', CAUSE)));
    expect(asked).toBe(0);
  });

  it('has the channel of the mapping before that of the project before the default', async () => {
    const ground = replica({ channel: (project, environment) => (project === 'p-channel' && environment === 'mapped' ? 'CMAPPED' : null) });
    await database.transaction((uow) => createProject(uow, 'p-channel', { ...plainProject('p-channel'), defaultChannelId: 'CPROJECT' }, UNSEEN));
    const channels = [];
    for (const [project, environment] of [['p-channel', 'mapped'], ['p-channel', 'e'], ['p-other', 'mapped']] as const) {
      channels.push((await ground(project, environment, CAUSE)).channelId);
    }
    expect(channels).toEqual(['CMAPPED', 'CPROJECT', CHANNEL]);
  });

  it('of a repeated request is not asked for: it is answered again after its project was archived', async () => {
    const deploy = deploying(replica());
    const first = await deploy({ project: 'p-archived' }, 'k-archived');
    await archiveProject(database, 'p-archived', true, UNSEEN);
    const late = deploying(replica());
    expect(await late({ project: 'p-archived' }, 'k-archived')).toMatchObject({ replayed: true, deployment: { id: first.deployment.id } });
    expect(await codeOf(late({ project: 'p-archived', version: '9' }, 'k-archived'))).toBe('key_reused');
    expect(await codeOf(late({ project: 'p-archived' }, 'k-other'))).toBe('project_archived');
  });

  it('that is taken away between the judgement and the write is judged anew', async () => {
    await replica()('p-late', 'e-late', CAUSE);
    let written = 0;
    const deploy = deploying(replica(), async () => {
      written += 1;
      if (written === 1) await archiveEnvironment(database, 'e-late', true, { ...UNSEEN, defaults: POLICY });
    });
    expect(await codeOf(deploy({ project: 'p-late', environment: 'e-late' }))).toBe('environment_archived');
    expect(await count('deployments', `environment = 'e-late'`)).toBe(0);
  });

  it('of many that were judged by the old policy at once is the new one for all', async () => {
    const ground = replica();
    // The second time it is there, and remembered.
    for (let n = 0; n < 2; n += 1) await ground('p-many', 'e-many', CAUSE);
    await updateEnvironment(database, 'e-many', { approvalPolicy: { required: 3 } }, { ...UNSEEN, defaults: POLICY });
    const deploy = deploying(ground);
    const all = await Promise.all(Array.from({ length: 40 }, () => deploy({ project: 'p-many', environment: 'e-many' })));
    expect(new Set(all.map(({ deployment }) => deployment.approval.required))).toEqual(new Set([3]));
  });

  it('is that of its moment, whatever is changed and deployed in which order at two replicas', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('policy' as const), required: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ kind: fc.constant('archived' as const), archived: fc.boolean() }),
      fc.record({ kind: fc.constant('rank' as const), rank: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ kind: fc.constant('deploy' as const), at: fc.integer({ min: 0, max: 1 }) }),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const environment = `e-property-${(runs += 1)}`;
        const replicas = [deploying(replica()), deploying(replica())];
        await replicas[0]?.({ environment });
        const now = { required: 1, archived: false };
        const context = { ...UNSEEN, defaults: POLICY };
        for (const one of steps) {
          if (one.kind === 'policy') await updateEnvironment(database, environment, { approvalPolicy: { required: (now.required = one.required) } }, context);
          else if (one.kind === 'rank') await updateEnvironment(database, environment, { rank: one.rank }, context);
          else if (one.kind === 'archived') await archiveEnvironment(database, environment, (now.archived = one.archived), context);
          else {
            const done = await replicas[one.at]?.({ environment }).then(({ deployment }) => deployment.approval.required, (error: { refusal?: { code: string } }) => error.refusal?.code);
            expect(done).toBe(now.archived ? 'environment_archived' : now.required);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a change of the catalog', () => {
  it('whose event cannot be written is not made', async () => {
    await database.transaction((uow) => createProject(uow, 'p-torn', plainProject('p-torn'), UNSEEN));
    const torn: Database = {
      ...database,
      transaction: (work) =>
        database.transaction((uow) =>
          work({ ...uow, query: (sql, values) => (sql.includes('setting_events') ? Promise.reject(new Error('torn')) : uow.query(sql, values)) }),
        ),
    };
    await expect(updateProject(torn, 'p-torn', { team: 'x' }, UNSEEN)).rejects.toThrow('torn');
    expect(await count('projects', `key = 'p-torn' AND revision = 1 AND team IS NULL`)).toBe(1);
    await expect(replica({ database: torn })('p-torn-2', 'e-torn', CAUSE)).rejects.toThrow('torn');
    expect(await count('projects', `key = 'p-torn-2'`)).toBe(0);
  });
});
