import { type Database, createDeployments, createGroupCommit, findDeployment, findEnvironment, findKeyOwners, freeExpiredKeys, listEvents } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANNEL, POLICY, count, key, newDeployment, open } from './build.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE deployments, decisions, events, deployment_keys, effects, environments');
});

/** Writes as the API does: batches with halving. */
const writer = () =>
  createGroupCommit({ write: (batch: readonly ReturnType<typeof newDeployment>[]) => createDeployments(database, batch), writers: 2, maxBatch: 100, maxWaiting: 1_000 });

describe('creating deployments in one statement', () => {
  it('stores each with its event, its keys and what it owes', async () => {
    const one = newDeployment({ keys: [key('idempotency', 'k1'), key('natural', 'n1')] });
    const [written] = await createDeployments(database, [one]);
    expect(written).toMatchObject({ outcome: 'created', effects: [] });
    const deployment = await findDeployment(database, one.id);
    expect(deployment).toMatchObject({
      ...one.event.data.request,
      revision: 1,
      status: 'pending',
      channelId: CHANNEL,
      approval: { status: 'pending', required: 1, eligible: null, decisions: [] },
      timeoutSeconds: 7_200,
    });
    expect((deployment?.approval.expiresAt?.getTime() ?? 0) - (deployment?.createdAt.getTime() ?? 0)).toBe(86_400_000);
    expect(await listEvents(database, one.id, { after: 0, limit: 10 })).toMatchObject([{ type: 'deployment.created', revision: 1 }]);
    expect(await database.query('SELECT kind, phase, priority FROM effects ORDER BY kind')).toEqual([
      { kind: 'jira.ticket', phase: 'unsent', priority: 2 },
      { kind: 'slack.approval', phase: 'unsent', priority: 1 },
    ]);
    expect(await findKeyOwners(database, one.keys)).toMatchObject([
      { kind: 'idempotency', deploymentId: one.id, bodyHash: 'hash', expired: false },
      { kind: 'natural', deploymentId: one.id },
    ]);
  });

  it('gives back only the effects whose jobs the writer took upon itself, and lets a notice wait', async () => {
    const asks = newDeployment({ queueMs: { jira: 0, slack: 5_000 } });
    const tells = newDeployment({ policy: { ...POLICY, approvalsRequired: 0 }, queueMs: { jira: 5_000, slack: 5_000 }, noticeDelayMs: 10_000 });
    const [first, second] = await createDeployments(database, [asks, tells]);
    expect(first).toMatchObject({ effects: [{ kind: 'slack.approval', target: 'slack', priority: 1 }] });
    expect(second).toMatchObject({ expiresAt: null, effects: [{ kind: 'jira.ticket' }] });
    expect(await count(database, `effects WHERE queued_until > now()`)).toBe(2);
    expect(await count(database, `effects WHERE kind = 'slack.notice' AND next_attempt_at > now() AND queued_until IS NULL`)).toBe(1);
  });

  it('keeps one of fifty with the same key', async () => {
    const commit = writer();
    const all = Array.from({ length: 50 }, () => newDeployment({ keys: [key('idempotency', 'same'), key('natural', 'same')] }));
    const written = await Promise.all(all.map((one) => commit.write(one)));
    expect(written.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    expect(written.filter(({ outcome }) => outcome === 'key_taken')).toHaveLength(49);
    expect(await count(database, 'deployments')).toBe(1);
    expect(await count(database, 'effects')).toBe(2);
    expect(await count(database, 'events')).toBe(1);
  });

  it('keeps one of fifty with the same key when each comes over a connection of its own', async () => {
    const all = Array.from({ length: 50 }, () => newDeployment({ keys: [key('natural', 'race')] }));
    const pool = open(test.url, 20);
    try {
      const written = await Promise.all(all.map((one) => createDeployments(pool, [one])));
      expect(written.flat().filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    } finally {
      await pool.close();
    }
    expect(await count(database, 'deployments')).toBe(1);
  });

  it('lets the first of equal ones in a batch win all of its keys, in one statement', async () => {
    const all = Array.from({ length: 50 }, () => newDeployment({ keys: [key('idempotency', 'same'), key('natural', 'same')] }));
    const written = await createDeployments(database, all);
    expect(written.map(({ outcome }) => outcome)).toEqual(['created', ...Array<string>(49).fill('key_taken')]);
  });

  it('judges each of a batch by itself: those that are known of which a key is new, or whose policy changed, disturb no other', async () => {
    await createDeployments(database, [newDeployment({ keys: [key('idempotency', 'before'), key('natural', 'known')] })]);
    await database.query(`INSERT INTO environments (name, revision) VALUES ('staging', 4)`);
    const written = await createDeployments(database, [
      newDeployment(),
      newDeployment({ keys: [key('idempotency', 'fresh'), key('natural', 'known')] }),
      newDeployment({ environment: 'staging' }),
      newDeployment({ keys: [key('idempotency', 'new'), key('natural', 'new')] }),
      newDeployment({ keys: [key('idempotency', 'before')] }),
      newDeployment(),
    ]);
    expect(written.map(({ outcome }) => outcome)).toEqual(['created', 'key_taken', 'policy_changed', 'created', 'key_taken', 'created']);
    expect(await database.query(`SELECT key FROM deployment_keys ORDER BY key`)).toEqual(['before', 'known', 'new', 'new'].map((name) => ({ key: name })));
    expect(await count(database, 'deployments')).toBe(4);
  });

  it('fails whole for one that loses a key only while it is written, and halving leaves the others', async () => {
    const good = Array.from({ length: 7 }, (_, index) => newDeployment({ keys: [key('idempotency', `good-${index}`)] }));
    const first = newDeployment({ keys: [key('natural', 'race')] });
    const torn = newDeployment({ keys: [key('idempotency', 'own'), key('natural', 'race')] });
    const all = [...good.slice(0, 3), first, ...good.slice(3), torn];
    await expect(createDeployments(database, all)).rejects.toMatchObject({ code: '22012' });
    expect(await count(database, 'deployments')).toBe(0);
    expect(await count(database, 'deployment_keys')).toBe(0);
    const commit = writer();
    const written = await Promise.all(all.map((one) => commit.write(one)));
    expect(written.map(({ outcome }) => outcome)).toEqual([...Array<string>(8).fill('created'), 'key_taken']);
    expect(await count(database, `deployment_keys WHERE key = 'own'`)).toBe(0);
  });

  it('takes keys in one order, so that batches with the same ones in another order wait for each other and not in a circle', async () => {
    const pool = open(test.url, 2);
    try {
      for (let round = 0; round < 8; round += 1) {
        const batch = () => Array.from({ length: 200 }, (_, index) => newDeployment({ keys: [key('natural', `${round}-${index}`)] }));
        const written = await Promise.all([createDeployments(pool, batch()), createDeployments(pool, batch().reverse())]);
        expect(written.flat().filter(({ outcome }) => outcome === 'created')).toHaveLength(200);
      }
    } finally {
      await pool.close();
    }
  });

  it('owes each of a batch to its own channel, when it is due there', async () => {
    const free = { ...POLICY, approvalsRequired: 0 };
    const batch = [
      newDeployment({ channelId: 'C0ONE', policy: free, noticeDelayMs: 5_000 }),
      newDeployment({ channelId: 'C0TWO', policy: free, noticeDelayMs: 60_000 }),
      newDeployment({ channelId: 'C0ONE', queueMs: { jira: 0, slack: 5_000 } }),
      newDeployment({ channelId: 'C0TWO' }),
    ];
    await createDeployments(database, batch);
    const rows = await database.query(
      `SELECT d.channel_id AS channel, e.kind, e.destination, extract(epoch FROM e.next_attempt_at - e.created_at)::int AS wait, e.queued_until IS NOT NULL AS queued
       FROM effects e JOIN deployments d ON d.id = e.deployment_id WHERE e.target = 'slack' ORDER BY array_position($1::uuid[], d.id)`,
      [batch.map(({ id }) => id)],
    );
    expect(rows).toEqual([
      { channel: 'C0ONE', kind: 'slack.notice', destination: 'C0ONE', wait: 5, queued: false },
      { channel: 'C0TWO', kind: 'slack.notice', destination: 'C0TWO', wait: 60, queued: false },
      { channel: 'C0ONE', kind: 'slack.approval', destination: 'C0ONE', wait: 0, queued: true },
      { channel: 'C0TWO', kind: 'slack.approval', destination: 'C0TWO', wait: 0, queued: false },
    ]);
  });

  it('writes nothing for one that was judged by a policy that changed meanwhile, and its keys stay free', async () => {
    await database.query(`INSERT INTO environments (name, revision, eligible) VALUES ('production', 4, '{ann@example.com}')`);
    const stale = newDeployment({ keys: [key('natural', 'stale')] });
    const elsewhere = newDeployment({ environment: 'staging' });
    const written = await createDeployments(database, [stale, elsewhere]);
    expect(written.map(({ outcome }) => outcome)).toEqual(['policy_changed', 'created']);
    expect(await count(database, 'deployment_keys')).toBe(0);
    const environment = await findEnvironment(database, 'production');
    expect(environment).toMatchObject({ revision: 4, approvalPolicy: { eligible: ['ann@example.com'], required: null } });
    const again = newDeployment({ policy: { ...POLICY, revision: 4, eligible: ['ann@example.com'] }, keys: [key('natural', 'stale')] });
    expect(await createDeployments(database, [again])).toMatchObject([{ outcome: 'created' }]);
    expect((await findDeployment(database, again.id))?.approval.eligible).toEqual(['ann@example.com']);
  });

  it('frees keys whose time has passed, and only those', async () => {
    const keys = [key('idempotency', 'old'), key('natural', 'old')];
    await createDeployments(database, [newDeployment({ keys })]);
    await freeExpiredKeys(database, keys);
    expect(await findKeyOwners(database, keys)).toHaveLength(2);
    await database.query(`UPDATE deployment_keys SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL`);
    expect(await findKeyOwners(database, keys)).toMatchObject([{ kind: 'idempotency', expired: true }, { kind: 'natural', expired: false }]);
    await freeExpiredKeys(database, keys);
    expect(await findKeyOwners(database, keys)).toMatchObject([{ kind: 'natural' }]);
  });
});
