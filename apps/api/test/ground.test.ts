import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@deptracker/testkit';
import { loadApiConfig } from '../dist/api-config.js';
import { startApi } from '../dist/compose.js';
import { CHANNEL } from './support/slack-stub.js';
import { type Answer, type TestApi, caller, startTestApi, testEnv } from './support/start-test-api.js';

let api: TestApi;
/** Another replica on the same database. */
let other: TestApi['call'];
let stopOther: () => Promise<void>;

beforeAll(async () => {
  let url = '';
  api = await startTestApi({}, (database) => (url = database.url));
  const replica = await startApi(loadApiConfig(testEnv(url, api.slack.url)));
  other = caller(`http://127.0.0.1:${replica.port}`);
  stopOther = async () => {
    for (const step of replica.steps) await step.run();
  };
});

afterAll(async () => {
  await stopOther();
  await api.stop();
});

const here: TestApi['call'] = (...of) => api.call(...of);

const deploy = (fields: object, headers: Record<string, string> = {}, call = here): Promise<Answer> =>
  call('POST', '/api/deployments', { project: 'web', environment: 'staging', version: '1', ...fields }, headers);

const rows = (sql: string, ...values: unknown[]) => api.database.query<Record<string, unknown>>(sql, values);
const eventsOf = (id: string) => rows('SELECT subject_kind AS kind, type, actor, data FROM setting_events WHERE subject_id = $1 ORDER BY subject_kind, revision', id);

describe('a deployment of what there is not yet', () => {
  it('creates the project and the environment, with events that say so', async () => {
    expect((await deploy({ project: 'new-p', environment: 'new-e', requestedBy: 'ann@example.com' })).status).toBe(201);
    expect((await api.call('GET', '/api/projects/new-p')).body).toMatchObject({ name: 'new-p', revision: 1, team: null });
    expect((await api.call('GET', '/api/environments/new-e')).body).toMatchObject({ revision: 1, approvalPolicy: { required: null } });
    expect(await eventsOf('new-p')).toMatchObject([{ kind: 'project', type: 'project.created', actor: 'ann@example.com', data: { key: 'new-p', origin: 'deployment' } }]);
    expect(await eventsOf('new-e')).toMatchObject([{ kind: 'environment', type: 'environment.created', data: { name: 'new-e', origin: 'deployment' } }]);
  });

  it('makes one of each, however many come first, at whichever replica', async () => {
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, n) => deploy({ project: 'race-p', environment: 'race-e', version: `${n}` }, {}, n % 2 === 0 ? here : other)),
    );
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 201));
    expect(await eventsOf('race-p')).toHaveLength(1);
    expect(await eventsOf('race-e')).toHaveLength(1);
    expect(await rows(`SELECT count(*)::int AS n FROM deployments WHERE project = 'race-p'`)).toEqual([{ n: 50 }]);
  });

  it('may come in a batch of many', async () => {
    const deployments = Array.from({ length: 300 }, (_, n) => ({ project: `fleet-${n}`, environment: `fleet-env-${n % 7}`, version: '1' }));
    const { status, body } = await api.call('POST', '/api/deployments/batch', { deployments });
    expect([status, body.created]).toEqual([200, 300]);
    expect(await rows(`SELECT count(*)::int AS n FROM projects WHERE key LIKE 'fleet-%'`)).toEqual([{ n: 300 }]);
    expect(await rows(`SELECT count(*)::int AS n FROM environments WHERE name LIKE 'fleet-env-%'`)).toEqual([{ n: 7 }]);
  });
});

describe('what is archived', () => {
  it('takes no new deployment, also in a batch, and answers repeated requests as before', async () => {
    const body = { project: 'gone', environment: 'staging' };
    const first = await deploy(body, { 'idempotency-key': 'gone-1' });
    await api.call('POST', '/api/projects/gone/archive');
    const refused = await deploy(body);
    expect([refused.status, refused.body.type]).toEqual([409, '/problems/project-archived']);
    const again = await deploy(body, { 'idempotency-key': 'gone-1' });
    expect([again.status, again.body.id, again.headers.get('idempotent-replayed')]).toEqual([201, first.body.id, 'true']);
    const batch = await api.call('POST', '/api/deployments/batch', { deployments: [{ ...body, version: '1' }, { project: 'web', environment: 'staging', version: '1' }] });
    expect(batch.body.results).toMatchObject([{ status: 409, problem: { type: '/problems/project-archived' } }, { status: 201 }]);
    await api.call('POST', '/api/projects/gone/restore');
    expect((await deploy(body)).status).toBe(201);
  });

  it('leaves nothing behind of what is refused', async () => {
    await api.call('POST', '/api/projects', { key: 'shut' });
    await api.call('POST', '/api/projects/shut/archive');
    expect((await deploy({ project: 'shut', environment: 'never-made' })).status).toBe(409);
    expect((await api.call('GET', '/api/environments/never-made')).status).toBe(404);
  });

  it('cannot be promoted or rolled back to', async () => {
    await api.call('POST', '/api/environments', { name: 'free', approvalPolicy: { required: 0 } });
    const succeeded = async (version: string): Promise<string> => {
      const { id } = (await deploy({ project: 'moved', environment: 'free', version })).body;
      for (const status of ['in_progress', 'succeeded']) await api.call('PUT', `/api/deployments/${id}`, { status });
      return id;
    };
    await succeeded('1');
    const id = await succeeded('2');
    await api.call('POST', '/api/environments', { name: 'closed' });
    await api.call('POST', '/api/environments/closed/archive');
    const promoted = await api.call('POST', `/api/deployments/${id}/promote`, { environment: 'closed' });
    expect([promoted.status, promoted.body.type]).toEqual([409, '/problems/environment-archived']);
    await api.call('POST', '/api/projects/moved/archive');
    const back = await api.call('POST', `/api/deployments/${id}/rollback`, {});
    expect([back.status, back.body.type]).toEqual([409, '/problems/project-archived']);
  });

  it('is known at every replica at once for an environment, and within two seconds for a project', async () => {
    await deploy({ project: 'both', environment: 'both' }, {}, other);
    await api.call('POST', '/api/environments/both/archive');
    expect((await deploy({ project: 'both', environment: 'both' }, {}, other)).body.type).toBe('/problems/environment-archived');
    await api.call('POST', '/api/projects/both/archive');
    const from = performance.now();
    await waitFor(async () => (await deploy({ project: 'both', environment: 'staging' }, {}, other)).body.type === '/problems/project-archived');
    expect(performance.now() - from).toBeLessThan(2_500);
  });

  it('raced by deployments has none that is younger than the answer at the same replica', async () => {
    await deploy({ project: 'racing', environment: 'racing' });
    let answered = Number.POSITIVE_INFINITY;
    const late: number[] = [];
    const posts = Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 15; n += 1) {
        const sent = performance.now();
        const { status } = await deploy({ project: 'racing', environment: 'racing' });
        expect([201, 409]).toContain(status);
        if (status === 201 && sent > answered) late.push(sent);
      }
    });
    const archived = api.call('POST', '/api/projects/racing/archive').then(() => (answered = performance.now()));
    await Promise.all([...posts, archived]);
    expect(late).toEqual([]);
    expect((await deploy({ project: 'racing', environment: 'racing' })).status).toBe(409);
  });
});

describe('the ground of a deployment', () => {
  it('is the policy that was changed last, at every replica, and stays as it was asked for', async () => {
    await api.call('POST', '/api/environments', { name: 'policy' });
    const asked = await deploy({ environment: 'policy' }, {}, other);
    for (const required of [3, 0, 2]) {
      await api.call('PUT', '/api/environments/policy', { approvalPolicy: { required } });
      const { body } = await deploy({ environment: 'policy' }, {}, other);
      expect([body.approval.required, body.status]).toEqual([required, required === 0 ? 'approved' : 'pending']);
    }
    expect((await api.call('GET', `/api/deployments/${asked.body.id}`)).body.approval.required).toBe(1);
  });

  it('is the channel of the project, or else the configured one', async () => {
    const channelOf = async (project: string) => (await rows('SELECT channel_id AS channel FROM deployments WHERE id = $1', (await deploy({ project })).body.id))[0];
    await api.call('POST', '/api/projects', { key: 'chatty', defaultChannelId: 'C0CHATTY' });
    expect(await channelOf('chatty')).toEqual({ channel: 'C0CHATTY' });
    await api.call('PUT', '/api/projects/chatty', { defaultChannelId: null });
    expect(await channelOf('chatty')).toEqual({ channel: CHANNEL });
  });
});
