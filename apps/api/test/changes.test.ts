import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const put = (id: string, body: unknown, headers?: Record<string, string>) => api.call('PUT', `/api/deployments/${id}`, body, headers);
const decide = (id: string, body: object, headers?: Record<string, string>) => api.call('PUT', `/api/deployments/${id}/approval`, body, headers);
async function approved(fields?: object): Promise<Body> {
  const { id } = await api.create(fields);
  return (await decide(id, { decision: 'approve', approver: 'bob@example.com' })).body;
}
async function quorum(environment: string, required: number): Promise<void> {
  await api.database.query('INSERT INTO environments (name, approvals_required) VALUES ($1, $2)', [environment, required]);
}

describe('changing a deployment', () => {
  it('follows the rollout to its end', async () => {
    const { id } = await approved();
    const started = (await put(id, { status: 'in_progress' })).body;
    expect(started).toMatchObject({ status: 'in_progress', finishedAt: null, revision: 4 });
    const done = await put(id, { status: 'succeeded', links: [{ title: 'Log', url: 'https://x.y/l' }] });
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({ status: 'succeeded', revision: 6, links: [{ title: 'Log' }] });
    expect(Date.parse(done.body.finishedAt)).toBeGreaterThanOrEqual(Date.parse(started.startedAt));
    expect((await api.call('GET', `/api/deployments/${id}`)).body).toEqual(done.body);
  });

  it('refuses an illegal step and says which are legal', async () => {
    const { id } = await api.create();
    for (const [to, allowed] of [['in_progress', ['cancelled']], ['approved', ['cancelled']], ['rolled_back', ['cancelled']]] as const) {
      const { status, body } = await put(id, { status: to });
      expect(status).toBe(409);
      expect(body).toMatchObject({ type: '/problems/illegal-transition', from: 'pending', to, allowed });
    }
  });

  it('takes the status that it has already without a new revision', async () => {
    const { id, revision } = await approved();
    await put(id, { status: 'in_progress' });
    expect((await put(id, { status: 'in_progress' })).body.revision).toBe(revision + 1);
  });

  it('clears a description by null or an empty text, and leaves alone what is not named', async () => {
    const { id } = await api.create({ description: 'x', metadata: { a: 1 } });
    expect((await put(id, { description: '' })).body).toMatchObject({ description: null, metadata: { a: 1 } });
    await put(id, { description: ' y ' });
    expect((await put(id, { description: null, metadata: {} })).body).toMatchObject({ description: null, metadata: {} });
  });

  it('lets nobody change what was approved, but say it again', async () => {
    const request = { project: 'p', environment: 'e', version: 'v', commitSha: 'abcdef1', ref: 'main', requestedBy: 'r@example.com', source: 'ci', externalId: 'changes-1' };
    const { id } = await api.create(request);
    const { status, body } = await put(id, { version: 'w', commitSha: '1234567', description: 'd' });
    expect([status, body.type]).toEqual([409, '/problems/immutable']);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(['/version', '/commitSha']);
    const same = await put(id, { ...request, commitSha: 'ABCDEF1', requestedBy: 'R@example.com', description: 'd' });
    expect(same.body).toMatchObject({ ...request, description: 'd', revision: 2 });
  });

  it.each<[unknown, number]>([
    [{}, 400], [{ actor: 'a@b.cd' }, 400], [{ colour: 1 }, 400], [{ status: 'gone' }, 400], [{ id: 'x' }, 400], [{ links: null }, 400],
    [{ status: 'cancelled', actor: 'nobody' }, 400], [[], 400],
  ])('%j is refused', async (body, expected) => {
    const { id } = await api.create();
    expect((await put(id, body)).status).toBe(expected);
  });

  it('compares If-Match by revision: strong, weak, bare and any', async () => {
    const { id } = await api.create();
    const etag = (await api.call('GET', `/api/deployments/${id}`)).headers.get('etag') ?? '';
    expect((await put(id, { description: '1' }, { 'if-match': etag })).status).toBe(200);
    const { status, body } = await put(id, { description: '2' }, { 'if-match': etag });
    expect([status, body.type, body.currentRevision]).toEqual([412, '/problems/revision-mismatch', 2]);
    expect((await put(id, { description: '3' }, { 'if-match': '"2"' })).status).toBe(200);
    expect((await put(id, { description: '4' }, { 'if-match': 'W/"3-abcdefghijkl"' })).status).toBe(200);
    expect((await put(id, { description: '5' }, { 'if-match': '*' })).status).toBe(200);
    expect((await put(id, { description: '6' }, { 'if-match': '"other"' })).status).toBe(412);
    expect((await put(id, { description: '6' }, { 'if-match': '"5", "6"' })).status).toBe(400);
  });

  it('lets one of many writers win who saw the same revision', async () => {
    const { id } = await api.create();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => put(id, { description: `w${n}` }, { 'if-match': '"1"' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 11 }, () => 412)]);
  });
});

describe('deciding', () => {
  it('approves by one, with the decision on record', async () => {
    const { id } = await api.create({ requestedBy: 'rita@example.com' });
    const { status, body } = await decide(id, { decision: 'approve', reason: 'ok', approver: 'Bob@Example.com' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'approved',
      approval: { status: 'approved', decisions: [{ decision: 'approve', actor: 'bob@example.com', reason: 'ok' }] },
    });
  });

  it('is closed by one reject', async () => {
    const { id } = await api.create();
    expect((await decide(id, { decision: 'reject', approver: 'bob@example.com' })).body.status).toBe('rejected');
    const { status, body } = await decide(id, { decision: 'approve', approver: 'eve@example.com' });
    expect(status).toBe(409);
    expect(body).toMatchObject({ type: '/problems/approval-closed', approval: 'rejected', decidedBy: 'bob@example.com' });
  });

  it('is not for the requester', async () => {
    const { id } = await api.create({ requestedBy: 'rita@example.com' });
    const { status, body } = await decide(id, { decision: 'approve', approver: 'RITA@example.com' });
    expect([status, body.type, body.reason]).toEqual([403, '/problems/not-eligible', 'requester']);
  });

  it('is for each person once', async () => {
    await quorum('double', 2);
    const { id } = await api.create({ environment: 'double' });
    await decide(id, { decision: 'approve', approver: 'bob@example.com' });
    const { status, body } = await decide(id, { decision: 'approve', approver: 'bob@example.com' });
    expect([status, body.type]).toEqual([409, '/problems/already-decided']);
  });

  it('is not asked where the policy needs nobody', async () => {
    await quorum('free', 0);
    const created = await api.create({ environment: 'free' });
    expect(created).toMatchObject({ status: 'approved', approval: { status: 'not_required', required: 0 } });
    expect((await decide(created.id, { decision: 'approve', approver: 'bob@example.com' })).body.type).toBe('/problems/approval-not-required');
  });

  it('ends with its time', async () => {
    const { id } = await api.create();
    await api.database.query(`UPDATE deployments SET approval_expires_at = now() - interval '1 s' WHERE id = $1`, [id]);
    expect((await decide(id, { decision: 'approve', approver: 'bob@example.com' })).body.type).toBe('/problems/approval-lapsed');
  });

  it('compares If-Match', async () => {
    const { id } = await api.create();
    expect((await decide(id, { decision: 'approve', approver: 'b@c.de' }, { 'if-match': '"7"' })).status).toBe(412);
  });

  it.each([
    [{ decision: 'maybe', approver: 'b@c.de' }, '/decision'], [{ decision: 'approve' }, '/approver'],
    [{ decision: 'approve', approver: 'b@c.de', reason: 'x'.repeat(2001) }, '/reason'], [{ decision: 'approve', approver: 'b@c.de', at: 1 }, '/at'],
  ])('%j is refused', async (body, pointer) => {
    const { id } = await api.create();
    const answer = await decide(id, body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });
});
