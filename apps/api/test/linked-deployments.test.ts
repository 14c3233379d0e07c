import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@deptracker/testkit';
import { deployment as deploymentSchema } from '../dist/routes/deployments/schema.js';
import { event as eventSchema } from '../dist/routes/events/schema.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.database.query(`INSERT INTO environments (name, approvals_required) VALUES ('free', 0), ('other', 0)`);
});
afterAll(() => api.stop());

let projects = 0;
const newProject = (): string => `project-${(projects += 1)}`;
const get = async (id: string): Promise<Body> => (await api.call('GET', `/api/deployments/${id}`)).body;
const put = (id: string, body: object) => api.call('PUT', `/api/deployments/${id}`, body);
const post = (id: string, what: 'rollback' | 'promote', body: object, headers?: Record<string, string>) =>
  api.call('POST', `/api/deployments/${id}/${what}`, body, headers);
const eventsOf = async (id: string): Promise<Body[]> => (await api.call('GET', `/api/deployments/${id}/events`)).body.data;
const effectsOf = (id: string) =>
  api.database.query<{ kind: string; event_revision: number; desired_revision: number }>(
    'SELECT kind, event_revision, desired_revision FROM effects WHERE deployment_id = $1 ORDER BY kind, event_revision',
    [id],
  );

async function finish(id: string, status = 'succeeded'): Promise<Body> {
  await put(id, { status: 'in_progress' });
  return (await put(id, { status, actor: 'ci@example.com' })).body;
}

/** A project whose versions have succeeded in this order, where nobody needs to be asked. */
async function history(...versions: string[]): Promise<Body[]> {
  const project = newProject();
  const all: Body[] = [];
  for (const version of versions) {
    const { id } = await api.create({ project, environment: 'free', version, commitSha: `abcdef${all.length}`, ref: `v${version}` });
    all.push(await finish(id));
  }
  return all;
}

describe('a rollback', () => {
  it('goes back to what succeeded last before with another version, and belongs to what it replaces', async () => {
    const [, earlier, , bad] = await history('1.0', '1.1', '1.2', '1.2');
    const { status, body, headers } = await post(bad.id, 'rollback', { requestedBy: 'Ann@example.com', reason: 'errors' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      project: bad.project, environment: 'free', version: '1.1', commitSha: earlier.commitSha, ref: 'v1.1', description: 'errors',
      requestedBy: 'ann@example.com', retryOf: null, rollbackOf: bad.id, promotedFrom: null, status: 'approved', revision: 1,
    });
    expect(deploymentSchema.validate(body).error).toBeUndefined();
    expect(headers.get('location')).toBe(`/api/deployments/${body.id}`);
    expect(headers.get('etag')).toMatch(/^"1-/);
    expect(await get(body.id)).toEqual(body);
    expect((await get(bad.id)).status).toBe('succeeded');
    expect((await eventsOf(body.id))[0].data.request).toMatchObject({ rollbackOf: bad.id, promotedFrom: null });
  });

  it('marks what it replaces in the moment of its success, with an event and what that owes', async () => {
    const [, bad] = await history('1.0', '1.1');
    const { body } = await post(bad.id, 'rollback', { requestedBy: 'ann@example.com' });
    const done = await finish(body.id);
    const replaced = await get(bad.id);
    expect(replaced).toMatchObject({ status: 'rolled_back', revision: bad.revision + 1, finishedAt: bad.finishedAt, updatedAt: done.updatedAt });
    const events = await eventsOf(bad.id);
    expect(events.at(-1)).toMatchObject({
      type: 'deployment.rolled_back', actor: 'ci@example.com',
      data: { from: 'succeeded', to: 'rolled_back', rolledBackBy: body.id, note: 'back to 1.0' },
    });
    for (const one of events) expect(eventSchema.validate(one).error).toBeUndefined();
    expect(await effectsOf(bad.id)).toContainEqual({ kind: 'slack.notice', event_revision: replaced.revision, desired_revision: replaced.revision });
    expect(await effectsOf(bad.id)).toContainEqual({ kind: 'jira.ticket', event_revision: 0, desired_revision: replaced.revision });
    expect(await effectsOf(body.id)).toContainEqual({ kind: 'jira.ticket', event_revision: 0, desired_revision: done.revision });
    const gate = (await api.call('GET', `/api/deployments/${bad.id}/gate`)).body;
    expect(gate).toMatchObject({ decision: 'denied', reason: 'Rolled back by ci@example.com (back to 1.0)' });
  });

  it.each(['failed', 'cancelled'])('that ends as %s leaves what it would have replaced alone', async (status) => {
    const [, bad] = await history('1.0', '1.1');
    const { body } = await post(bad.id, 'rollback', {});
    await finish(body.id, status);
    expect(await get(bad.id)).toEqual(bad);
    expect((await post(bad.id, 'rollback', {})).status).toBe(201);
  });

  it('marks what it replaces exactly once when several succeed at once, whatever else happens to both', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [, bad] = await history('1.0', '1.1');
      const ids = await Promise.all(Array.from({ length: 6 }, async () => (await post(bad.id, 'rollback', {})).body.id as string));
      await Promise.all(ids.map((id) => put(id, { status: 'in_progress' })));
      const answers = await Promise.all([
        ...ids.flatMap((id) => [put(id, { status: 'succeeded' }), put(id, { description: 'meanwhile' })]),
        put(bad.id, { description: 'meanwhile' }),
      ]);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect((await get(bad.id)).status).toBe('rolled_back');
      expect((await eventsOf(bad.id)).filter(({ type }) => type === 'deployment.rolled_back')).toHaveLength(1);
      for (const id of ids) expect((await get(id)).status).toBe('succeeded');
    }
  });

  it('locks what it replaces and itself in the order of their ids, so that none waits for another in a circle', async () => {
    const [, first] = await history('1.0', '1.1');
    const second = (await post(first.id, 'rollback', {})).body;
    await put(second.id, { status: 'in_progress' });
    // As no clock would have it: the older one goes back from the younger one.
    await api.database.query(`UPDATE deployments SET status = 'in_progress', rollback_of = $2 WHERE id = $1`, [first.id, second.id]);
    const [lower, higher] = [first.id, second.id].sort();
    for (const id of [first.id, second.id]) {
      const succeeding = await api.database.transaction(async (uow) => {
        await uow.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE', [lower]);
        const answer = put(id, { status: 'succeeded' });
        const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        await waitFor(async () => (await api.database.query(waits)).length > 0, { intervalMs: 5 });
        const free = await api.database.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE SKIP LOCKED', [higher]);
        expect(free).toHaveLength(1);
        return { answer };
      });
      expect((await succeeding.answer).status).toBe(200);
    }
  });

  it('is answered again as it was at first, also after it succeeded', async () => {
    const [, bad] = await history('1.0', '1.1');
    const key = { 'idempotency-key': `rollback-${bad.id}` };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(bad.id, 'rollback', { reason: 'once' }, key)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    const [first] = answers;
    await finish(first?.body.id);
    const again = await post(bad.id, 'rollback', { reason: 'once' }, key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.body).toEqual(first?.body);
    const other = await post(bad.id, 'rollback', { reason: 'other' }, key);
    expect([other.status, other.body.type]).toEqual([422, '/problems/key-reused']);
  });

  it('takes a version by its name, with its commit where it has succeeded here', async () => {
    const [oldest, , bad] = await history('1.0', '1.1', '1.2');
    expect((await post(bad.id, 'rollback', { version: '1.0' })).body).toMatchObject({ version: '1.0', commitSha: oldest.commitSha });
    expect((await post(bad.id, 'rollback', { version: '0.1' })).body).toMatchObject({ version: '0.1', commitSha: null, ref: null });
    const same = await post(bad.id, 'rollback', { version: '1.2' });
    expect([same.status, same.body.type, same.body.errors[0].pointer]).toEqual([422, '/problems/same-as-source', '/version']);
  });

  it('does not go back to what was rolled back before', async () => {
    const [, second, third] = await history('1.0', '1.1', '1.2');
    const back = (await post(third.id, 'rollback', {})).body;
    await finish(back.id);
    expect(back.version).toBe('1.1');
    expect((await post(back.id, 'rollback', {})).body.version).toBe('1.0');
    const replaced = await post(second.id, 'rollback', {});
    expect([replaced.status, replaced.body]).toMatchObject([409, { type: '/problems/superseded', by: back.id }]);
  });

  it('is refused unless the deployment succeeded, still stands, and there is a version to go back to', async () => {
    const waiting = await api.create();
    expect((await post(waiting.id, 'rollback', {})).body).toMatchObject({ type: '/problems/not-succeeded', status: 409, current: 'pending' });
    const [only] = await history('1.0');
    expect((await post(only.id, 'rollback', {})).body).toMatchObject({ type: '/problems/no-earlier-version', status: 409 });
    const [first, second] = await history('1.0', '1.1');
    expect((await post(first.id, 'rollback', { version: '0.9' })).body).toMatchObject({ type: '/problems/superseded', by: second.id });
    expect((await post(second.id, 'rollback', {}, { 'if-match': '"1"' })).status).toBe(412);
    expect((await post('01890000-0000-7000-8000-000000000000', 'rollback', {})).body.type).toBe('/problems/deployment-not-found');
  });

  it('and what it replaces change both or neither', async () => {
    const [, bad] = await history('1.0', '1.1');
    const { body } = await post(bad.id, 'rollback', {});
    await put(body.id, { status: 'in_progress' });
    await api.database.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '57014'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON deployments FOR EACH ROW WHEN (NEW.status = 'rolled_back') EXECUTE FUNCTION refuse()`);
    expect((await put(body.id, { status: 'succeeded' })).status).toBe(503);
    expect([(await get(body.id)).status, (await get(bad.id)).status]).toEqual(['in_progress', 'succeeded']);
    await api.database.query('DROP TRIGGER refuse ON deployments');
    expect((await put(body.id, { status: 'succeeded' })).status).toBe(200);
    expect((await get(bad.id)).status).toBe('rolled_back');
  });

  it('does nothing where what it replaces has been cleaned up meanwhile', async () => {
    const [, bad] = await history('1.0', '1.1');
    const { body } = await post(bad.id, 'rollback', {});
    await api.database.query('DELETE FROM deployments WHERE id = $1', [bad.id]);
    expect((await finish(body.id)).status).toBe('succeeded');
  });
});

describe('a promotion', () => {
  it('brings version, commit and ref to another environment, under the policy there', async () => {
    const [source] = await history('1.0');
    const { status, body } = await post(source.id, 'promote', { environment: 'production', requestedBy: 'ann@example.com', source: 'ci', externalId: 'run-1' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      project: source.project, environment: 'production', version: '1.0', commitSha: source.commitSha, ref: source.ref, status: 'pending',
      rollbackOf: null, promotedFrom: source.id, approval: { required: 1 }, source: 'ci', externalId: 'run-1',
    });
    expect(deploymentSchema.validate(body).error).toBeUndefined();
    const again = await post(source.id, 'promote', { environment: 'production', requestedBy: 'ann@example.com', source: 'ci', externalId: 'run-1' });
    expect([again.headers.get('idempotent-replayed'), again.body.id]).toEqual(['true', body.id]);
  });

  it('leaves its source alone when it succeeds', async () => {
    const [source] = await history('1.0');
    const { body } = await post(source.id, 'promote', { environment: 'other' });
    await finish(body.id);
    expect(await get(source.id)).toEqual(source);
  });

  it('is refused unless its source succeeded and is elsewhere', async () => {
    const waiting = await api.create();
    expect((await post(waiting.id, 'promote', { environment: 'other' })).body).toMatchObject({ type: '/problems/not-succeeded', status: 409 });
    const [, bad] = await history('1.0', '1.1');
    const { body } = await post(bad.id, 'rollback', {});
    await finish(body.id);
    expect((await post(bad.id, 'promote', { environment: 'other' })).body).toMatchObject({ type: '/problems/not-succeeded', current: 'rolled_back' });
    const here = await post(body.id, 'promote', { environment: 'free' });
    expect([here.status, here.body.type, here.body.errors[0].pointer]).toEqual([422, '/problems/same-as-source', '/environment']);
    expect((await post(body.id, 'promote', {})).body.errors[0].pointer).toBe('/environment');
    expect((await post(body.id, 'promote', { environment: 'other', version: '2' })).body.errors[0].pointer).toBe('/version');
  });
});

describe('what a deployment comes from', () => {
  it('is not for callers to say, and never changes', async () => {
    const [, bad] = await history('1.0', '1.1');
    const said = await api.call('POST', '/api/deployments', { project: 'p', environment: 'e', version: 'v', rollbackOf: bad.id });
    expect([said.status, said.body.errors[0].pointer]).toEqual([400, '/rollbackOf']);
    const { body } = await post(bad.id, 'rollback', {});
    expect((await put(body.id, { rollbackOf: bad.id, promotedFrom: null })).status).toBe(200);
    expect((await put(body.id, { rollbackOf: null })).body).toMatchObject({ type: '/problems/immutable', errors: [{ pointer: '/rollbackOf' }] });
  });

  it('does not change what made two requests the same before it could be said', async () => {
    const request = { project: 'hash', environment: 'free', version: '1', externalId: 'run-1' };
    await api.create(request);
    const [row] = await api.database.query<{ body_hash: string }>(`SELECT body_hash FROM deployment_keys WHERE kind = 'natural' AND key LIKE '%"hash"%'`);
    expect(row?.body_hash).toBe('lIs4UASiu-w51uPqgxFNmDkOyB7qe6RgfeypyTRF0cc');
  });
});
