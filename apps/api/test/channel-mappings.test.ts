import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const MAPPINGS = '/api/channel-mappings';
const map = (project: string, environment: string, channelId: string, headers: Record<string, string> = {}): Promise<Answer> =>
  api.call('POST', MAPPINGS, { project, environment, channelId }, headers);
const all = async (query = ''): Promise<Body> => (await api.call('GET', `${MAPPINGS}${query}`)).body;
const resolve = async (project: string, environment: string): Promise<Body> => {
  const { status, body } = await api.call('GET', `${MAPPINGS}/resolve?${new URLSearchParams({ project, environment }).toString()}`);
  expect(status).toBe(200);
  return body;
};

/** Where the messages of a new deployment go. */
async function channelsOf(project: string, environment: string): Promise<string[]> {
  const { id } = await api.create({ project, environment });
  const rows = await api.database.query<{ destination: string }>(`SELECT DISTINCT destination FROM effects WHERE deployment_id = $1 AND target = 'slack'`, [id]);
  return rows.map(({ destination }) => destination);
}

afterEach(async () => {
  for (const { id } of (await all('?limit=200')).data) await api.call('DELETE', `${MAPPINGS}/${id}`);
});

describe('a channel mapping', () => {
  it('is created, shown, listed and deleted', async () => {
    const created = await map(' payments-** ', 'production', 'C0PAYMENTS', { 'x-actor': 'alice@example.com' });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ revision: 1, project: 'payments-*', environment: 'production', channelId: 'C0PAYMENTS', createdBy: 'alice@example.com' });
    const address = created.headers.get('location') ?? '';
    expect(address).toBe(`${MAPPINGS}/${created.body.id}`);
    const shown = await api.call('GET', address);
    expect([shown.status, shown.body, shown.headers.get('etag')]).toEqual([200, created.body, created.headers.get('etag')]);
    expect((await all()).data).toEqual([created.body]);
    expect((await api.call('DELETE', address, undefined, { 'if-match': '"7"' })).body).toMatchObject({ type: '/problems/revision-mismatch', currentRevision: 1 });
    expect((await api.call('DELETE', address, undefined, { 'if-match': '"1"', 'x-actor': 'bob@example.com' })).status).toBe(204);
    expect((await api.call('DELETE', address)).body.type).toBe('/problems/channel-mapping-not-found');
    expect((await api.call('GET', address)).status).toBe(404);
    const { data } = (await api.call('GET', `/api/events?subjectId=${created.body.id}`)).body;
    const subject = { project: 'payments-*', environment: 'production', channelId: 'C0PAYMENTS' };
    expect(data).toMatchObject([
      { type: 'channel_mapping.deleted', revision: 2, actor: 'bob@example.com', subject, changes: null },
      { type: 'channel_mapping.created', revision: 1, actor: 'alice@example.com', subject, changes: null },
    ]);
  });

  it('exists once for a pair, however many are made at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => map('a', '*', `C${index}A`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    const [{ id }] = (await all()).data;
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ type: '/problems/channel-mapping-exists', id });
    expect((await map('a', '**', 'C0A')).status).toBe(409);
  });

  it('is made once under a key, and refused for another one', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await map('b', '*', 'C0B', key);
    const again = await map('b', '*', 'C0B', key);
    expect([again.status, again.body, again.headers.get('location')]).toEqual([201, first.body, first.headers.get('location')]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await map('b', '*', 'C0OTHER', key)).body.type).toBe('/problems/key-reused');
    // What was refused may be tried again with the same key.
    expect((await map('b', '*', 'C0B', { 'idempotency-key': 'refused' })).status).toBe(409);
    await api.call('DELETE', `${MAPPINGS}/${first.body.id}`);
    expect((await map('b', '*', 'C0B', { 'idempotency-key': 'refused' })).status).toBe(201);
  });

  it('is refused with the place of each mistake', async () => {
    const { status, body } = await api.call('POST', MAPPINGS, { project: ' ', environment: 'a\nb', channelId: '#deploys', team: 'x' });
    expect([status, body.errors.map((one: Body) => one.pointer).sort()]).toEqual([400, ['/channelId', '/environment', '/project', '/team']]);
    expect(JSON.stringify(body.errors)).toContain('not its name');
  });

  it('is one of a thousand at most', async () => {
    await api.database.query(
      `INSERT INTO channel_mappings (id, project, environment, channel_id) SELECT gen_random_uuid(), 'many-' || n, '*', 'C0MANY' FROM generate_series(1, 1000) n`,
    );
    expect((await map('one-more', '*', 'C0MORE')).body).toMatchObject({ type: '/problems/too-many-channel-mappings', status: 409, most: 1_000 });
    await api.database.query(`DELETE FROM channel_mappings WHERE project LIKE 'many-%'`);
    expect((await map('one-more', '*', 'C0MORE')).status).toBe(201);
  });
});

describe('the list of channel mappings', () => {
  it('is filtered, and read in pages without gaps', async () => {
    const pairs = ['a', 'b', 'c'].flatMap((project) => ['*', 'production', 'staging'].map((environment) => [project, environment] as const));
    for (const [project, environment] of pairs) await map(project, environment, environment === '*' ? 'C0ALL' : 'C0SOME');
    const pair = ({ project, environment }: Body): string => `${project} ${environment}`;
    const whole = (await all()).data.map(pair);
    expect([...whole].sort()).toEqual(pairs.map(([project, environment]) => `${project} ${environment}`).sort());
    const paged: string[] = [];
    for (let query = '?limit=2'; query !== ''; ) {
      const { data, nextCursor } = await all(query);
      paged.push(...data.map(pair));
      query = nextCursor === null ? '' : `?limit=2&cursor=${nextCursor}`;
    }
    expect(paged).toEqual(whole);
    expect((await all('?project=b')).data).toHaveLength(3);
    expect((await all('?environment=*&channelId=C0ALL')).data.map(pair)).toEqual(['a *', 'b *', 'c *']);
    expect((await all('?project=b&channelId=C0SOME&limit=1')).nextCursor).not.toBeNull();
    for (const query of ['?cursor=x', '?cursor=WzFd', '?team=x', '?limit=201']) expect([query, (await api.call('GET', MAPPINGS + query)).status]).toEqual([query, 400]);
  });
});

describe('a new deployment', () => {
  it('is told of where the most specific mapping says, and resolve says the same', async () => {
    await map('*', '*', 'C0ALL');
    await map('payments-*', '*', 'C0PAYMENTS');
    await map('payments-*', 'production', 'C0PAYPROD');
    await map('*', 'production', 'C0PROD');
    const cases = [
      ['payments-api', 'production', 'C0PAYPROD'], ['payments-api', 'staging', 'C0PAYMENTS'],
      ['search', 'production', 'C0PROD'], ['search', 'staging', 'C0ALL'],
    ] as const;
    for (const [project, environment, channel] of cases) {
      expect([project, environment, await channelsOf(project, environment)]).toEqual([project, environment, [channel]]);
      expect(await resolve(project, environment)).toMatchObject({ channelId: channel, rule: 'mapping' });
    }
  });

  it('stays where it is when mappings change', async () => {
    const { body } = await map('fixed', '*', 'C0BEFORE');
    const { id } = await api.create({ project: 'fixed' });
    await api.call('DELETE', `${MAPPINGS}/${body.id}`);
    await map('fixed', '*', 'C0AFTER');
    await api.call('PUT', `/api/deployments/${id}/approval`, { decision: 'reject', approver: 'bob@example.com' });
    const rows = await api.database.query(`SELECT kind, destination FROM effects WHERE deployment_id = $1 AND target = 'slack' ORDER BY kind`, [id]);
    expect(rows).toEqual([{ kind: 'slack.approval', destination: 'C0BEFORE' }, { kind: 'slack.reply', destination: 'C0BEFORE' }]);
    expect(await channelsOf('fixed', 'production')).toEqual(['C0AFTER']);
  });

  it('goes by its project where no mapping fits, and by the configuration where that says nothing', async () => {
    await api.create({ project: 'own' });
    await api.database.query(
      `INSERT INTO projects (key, name, default_channel_id) VALUES ('own', 'own', 'C0OWN')
       ON CONFLICT (key) DO UPDATE SET default_channel_id = excluded.default_channel_id`,
    );
    expect(await channelsOf('own', 'staging')).toEqual(['C0OWN']);
    expect(await resolve('own', 'staging')).toMatchObject({
      channelId: 'C0OWN', rule: 'project',
      candidates: [{ rule: 'project', chosen: true, mapping: null }, { rule: 'configuration', chosen: false, channelId: 'C0DEPLOYS' }],
    });
    const { body } = await map('o*', 'prod*', 'C0MAPPED');
    expect(await channelsOf('own', 'production')).toEqual(['C0MAPPED']);
    expect((await resolve('own', 'production')).candidates).toEqual([
      { rule: 'mapping', chosen: true, channelId: 'C0MAPPED', mapping: { id: body.id, project: 'o*', environment: 'prod*' }, reason: 'the only mapping that fits' },
      { rule: 'project', chosen: false, channelId: 'C0OWN', mapping: null, reason: 'a mapping fits, and mappings come first' },
      { rule: 'configuration', chosen: false, channelId: 'C0DEPLOYS', mapping: null, reason: 'a mapping fits, and mappings come first' },
    ]);
    await api.call('PUT', '/api/configurations/slack.channel', { value: 'C0CONFIGURED' });
    expect(await resolve('nobody', 'staging')).toMatchObject({ channelId: 'C0CONFIGURED', rule: 'configuration' });
    expect(await channelsOf('nobody', 'staging')).toEqual(['C0CONFIGURED']);
    await api.call('DELETE', '/api/configurations/slack.channel');
  });

  it('can only be asked about by project and environment', async () => {
    for (const query of ['', '?project=a', '?environment=a', '?project=a&environment=b&version=1', '?project=&environment=b']) {
      expect([query, (await api.call('GET', `${MAPPINGS}/resolve${query}`)).status]).toEqual([query, 400]);
    }
  });
});
