import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ DEFAULT_APPROVALS_REQUIRED: '1', DEFAULT_APPROVAL_TTL: '1h', DEFAULT_DEPLOYMENT_TIMEOUT: '30m' });
});

afterAll(() => api.stop());

const DEFAULTS = { required: 1, eligible: null, requesterMayApprove: false, ttlSeconds: 3_600, timeoutSeconds: 1_800 };
const OPEN = { required: null, eligible: null, requesterMayApprove: null, ttlSeconds: null, timeoutSeconds: null };

const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> => api.call('POST', '/api/environments', body, headers);
const put = (name: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => api.call('PUT', `/api/environments/${name}`, body, headers);
const events = (name: string) =>
  api.database.query(`SELECT type, revision, actor, data FROM setting_events WHERE subject_kind = 'environment' AND subject_id = $1 ORDER BY revision`, [name]);

describe('an environment', () => {
  it('has the default policy for what it leaves open', async () => {
    const plain = await post({ name: 'plain' });
    expect(plain.body).toMatchObject({ revision: 1, rank: 0, production: false, approvalPolicy: OPEN, effectivePolicy: DEFAULTS, archivedAt: null });
    const own = await post({ name: 'own', rank: 9, production: true, approvalPolicy: { required: 2, eligible: ['Bob@Example.com', 'ann@example.com', 'slack:T1:U2'] } });
    expect(own.status).toBe(201);
    const eligible = ['bob@example.com', 'ann@example.com', 'slack:T1:U2'];
    expect(own.body).toMatchObject({ approvalPolicy: { ...OPEN, required: 2, eligible }, effectivePolicy: { ...DEFAULTS, required: 2, eligible } });
    expect((await api.call('GET', '/api/environments/own')).body).toEqual(own.body);
  });

  it('is changed in what is given, also within its policy', async () => {
    await post({ name: 'changing', approvalPolicy: { required: 2, ttlSeconds: 60 } });
    const changed = await put('changing', { rank: 5, approvalPolicy: { required: null, requesterMayApprove: true } }, { 'x-actor': 'ann@example.com' });
    const approvalPolicy = { ...OPEN, ttlSeconds: 60, requesterMayApprove: true };
    expect(changed.body).toMatchObject({ revision: 2, rank: 5, approvalPolicy, effectivePolicy: { ...DEFAULTS, ttlSeconds: 60, requesterMayApprove: true } });
    expect((await put('changing', { rank: 5, approvalPolicy: {} })).body).toEqual(changed.body);
    const before = { ...OPEN, required: 2, ttlSeconds: 60 };
    expect((await events('changing'))[1]).toEqual({
      type: 'environment.updated', revision: 2, actor: 'ann@example.com', data: { changes: { rank: { from: 0, to: 5 }, approvalPolicy: { from: before, to: approvalPolicy } } },
    });
    expect((await put('changing', { name: 'other' })).body.type).toBe('/problems/immutable');
    expect((await put('changing', { rank: 6 }, { 'if-match': '"1"' })).status).toBe(412);
  });

  it('is not given a policy under which nobody could ever approve', async () => {
    const eligible = ['ann@example.com'];
    const refused = await post({ name: 'never', approvalPolicy: { required: 2, eligible } });
    expect([refused.status, refused.body.type, refused.body.errors[0].pointer]).toEqual([422, '/problems/quorum-unreachable', '/approvalPolicy']);
    await post({ name: 'never', approvalPolicy: { eligible } });
    expect((await put('never', { approvalPolicy: { required: 2 } })).status).toBe(422);
    expect((await put('never', { approvalPolicy: { required: 0 } })).status).toBe(200);
    expect(await events('never')).toHaveLength(2);
  });

  it('is there once, and answered again to the same key', async () => {
    const first = await post({ name: 'once' }, { 'idempotency-key': 'e1' });
    expect((await post({ name: 'once' })).body.type).toBe('/problems/environment-exists');
    const again = await post({ name: 'once' }, { 'idempotency-key': 'e1' });
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, first.body, 'true']);
  });

  it('is archived and restored', async () => {
    await post({ name: 'old' });
    expect((await api.call('POST', '/api/environments/old/archive')).body).toMatchObject({ revision: 2, archivedAt: expect.any(String) as string });
    expect((await api.call('POST', '/api/environments/old/archive')).body.revision).toBe(2);
    expect((await api.call('POST', '/api/environments/old/restore')).body).toMatchObject({ revision: 3, archivedAt: null });
    for (const what of ['archive', 'restore']) expect((await api.call('POST', `/api/environments/none/${what}`)).body.type).toBe('/problems/environment-not-found');
  });

  it('is refused with the place of every mistake', async () => {
    const approvalPolicy = { required: -1, eligible: [], requesterMayApprove: 'no', ttlSeconds: 0, timeoutSeconds: 1.5, quorum: 1 };
    const { status, body } = await post({ name: 'bad', rank: '1', production: 1, approvalPolicy });
    expect(status).toBe(400);
    const pointers = body.errors.map((one: { pointer: string }) => one.pointer).sort();
    expect(pointers).toEqual(['/rank', '/production', ...Object.keys(approvalPolicy).map((name) => `/approvalPolicy/${name}`)].sort());
    const twice = await post({ name: 'bad', approvalPolicy: { eligible: ['a@b.c', 'A@b.c'] } });
    expect([twice.status, twice.body.errors[0].pointer]).toEqual([400, '/approvalPolicy/eligible/1']);
    expect((await post({ name: 'bad', approvalPolicy: { eligible: ['bob'] } })).body.errors[0].pointer).toBe('/approvalPolicy/eligible/0');
    expect((await put('plain', { approvalPolicy: null })).status).toBe(400);
  });

  it('is listed by rank and name, filtered and page by page', async () => {
    for (const [name, rank] of [['z-b', 101], ['z-a', 101], ['z-c', 100]] as const) await post({ name, rank, production: rank > 100 });
    const list = async (query: string) => (await api.call('GET', `/api/environments?${query}`)).body;
    const names = ({ data }: { data: { name: string }[] }) => data.map(({ name }) => name);
    const first = await list('q=z-&limit=2');
    expect(names(first)).toEqual(['z-c', 'z-a']);
    expect(names(await list(`q=z-&limit=2&cursor=${first.nextCursor}`))).toEqual(['z-b']);
    expect(names(await list('q=z-&production=false'))).toEqual(['z-c']);
    expect(first.data[0].effectivePolicy).toEqual(DEFAULTS);
    for (const query of ['production=yes', `cursor=${Buffer.from('[1e300,"x"]').toString('base64url')}`, `cursor=${Buffer.from('["1","x"]').toString('base64url')}`]) {
      expect((await api.call('GET', `/api/environments?${query}`)).status, query).toBe(400);
    }
  });
});
