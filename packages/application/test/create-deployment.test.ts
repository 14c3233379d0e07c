import { createCreateDeployment, type Created } from '@deptracker/application';
import { DomainError } from '@deptracker/domain';
import { type Database, createDeployments, createGroupCommit, findEvent, newId, type NewDeployment, OverloadedError, type Written } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANNEL, Deployer, groundOf, open, request } from './support/deployer.js';
import { effectsOf } from './support/effects.js';

let own: TestDatabase;
let database: Database;
let deployer: Deployer;

beforeAll(async () => {
  own = await testDatabase();
  database = open(own.url);
});

beforeEach(() => {
  deployer = new Deployer(database);
});

afterAll(async () => {
  await database.close();
  await own.drop();
});

/** The domain's code of a refusal; fails where there is none. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error('was not refused'),
    (refused: unknown) => refused,
  );
  if (!(error instanceof DomainError)) throw error;
  return error.refusal.code;
}

const key = (): string => newId();
const words = ({ deployment }: Created): string => JSON.stringify(deployment);

describe('a deployment', () => {
  it('is stored with its event and what it owes', async () => {
    const { deployment, replayed } = await deployer.post({ version: '1.2.3', metadata: { z: 1, a: { b: [2] } } });
    expect(replayed).toBe(false);
    expect(deployment).toMatchObject({ revision: 1, status: 'pending', channelId: CHANNEL, approval: { status: 'pending', required: 1, decisions: [] } });
    expect(deployment.approval.expiresAt?.getTime()).toBe(deployment.createdAt.getTime() + 86_400_000);
    const event = await findEvent(database, deployment.id, 1);
    expect(event).toMatchObject({ type: 'deployment.created', actor: 'carol@example.com', data: { to: 'pending', request: { version: '1.2.3' } } });
    expect(event?.data).not.toHaveProperty('note');
    expect((await effectsOf(database, deployment.id)).map(({ kind, due }) => [kind, due])).toEqual([
      ['jira.ticket', true],
      ['slack.approval', true],
    ]);
  });

  it('without a requester says in its event that nobody is excluded', async () => {
    const { deployment } = await deployer.post({ requestedBy: null });
    expect((await findEvent(database, deployment.id, 1))?.data.note).toMatch(/nobody is excluded/);
  });

  it('that needs no approval is approved at once and owes a notice that waits for others', async () => {
    deployer = new Deployer(database, { policy: { approvalsRequired: 0 }, noticeDelayMs: 60_000 });
    const { deployment } = await deployer.post();
    expect(deployment).toMatchObject({ status: 'approved', approval: { status: 'not_required', expiresAt: null } });
    expect((await effectsOf(database, deployment.id)).map(({ kind, due }) => [kind, due])).toEqual([
      ['jira.ticket', true],
      ['slack.notice', false],
    ]);
  });

  it('may name one that it retries, which must exist', async () => {
    const earlier = await deployer.create();
    expect((await deployer.post({ retryOf: earlier })).deployment.retryOf).toBe(earlier);
    expect(await codeOf(deployer.post({ retryOf: newId() }))).toBe('retry_of_not_found');
  });

  it('that retries one is answered again when that one is gone by then', async () => {
    const earlier = await deployer.create();
    const asked = { retryOf: earlier, source: 'ci', externalId: key() };
    const first = await deployer.post(asked);
    await database.query('DELETE FROM deployments WHERE id = $1', [earlier]);
    const again = await deployer.post(asked);
    expect(again.replayed).toBe(true);
    expect(words(again)).toBe(words(first));
    expect(await codeOf(deployer.post({ ...asked, externalId: key() }))).toBe('retry_of_not_found');
  });

  it('hands over for queueing only what its writer has promised to queue', async () => {
    expect((await deployer.post()).effects).toEqual([]);
    deployer = new Deployer(database, { queueMs: () => ({ jira: 1_000, slack: 0 }) });
    expect((await deployer.post()).effects).toMatchObject([{ kind: 'jira.ticket', target: 'jira', priority: 2 }]);
  });
});

describe('the same request again', () => {
  it('gets the first answer word for word, whatever has happened since', async () => {
    const name = key();
    const fields = { description: 'first', metadata: { z: 1, aa: { y: null, b: 'ä' } }, links: [{ url: 'https://ci.example.com/1', title: 'run' }] };
    const first = await deployer.post(fields, name);
    const { id } = first.deployment;
    await deployer.update(id, null, { description: 'second', metadata: {}, links: [] });
    await deployer.finish(id);
    const again = await deployer.post(fields, name);
    expect(again.replayed).toBe(true);
    expect(again.effects).toEqual([]);
    expect(again.deployment).toEqual(first.deployment);
    expect(words(again)).toBe(words(first));
  });

  it('is the same request in whatever order its fields are', async () => {
    const name = key();
    const first = await deployer.post({ metadata: { a: 1, b: { c: 2, d: 3 } } }, name);
    const again = await deployer.post({ metadata: { b: { d: 3, c: 2 }, a: 1 } }, name);
    expect(again).toMatchObject({ replayed: true, deployment: { id: first.deployment.id } });
  });

  it('gets the first answer also where no approval was required', async () => {
    deployer = new Deployer(database, { policy: { approvalsRequired: 0 } });
    const name = key();
    const first = await deployer.post({}, name);
    await deployer.update(first.deployment.id, 'in_progress');
    expect((await deployer.post({}, name)).deployment).toEqual(first.deployment);
  });

  it('gets the first answer under the policy of then', async () => {
    const name = key();
    const first = await deployer.post({}, name);
    const stricter = new Deployer(database, { policy: { approvalsRequired: 3 } });
    expect((await stricter.post({}, name)).deployment).toEqual(first.deployment);
  });

  it('is one deployment, however many come at once', async () => {
    const fields = { source: 'ci', externalId: key() };
    const name = key();
    const all = await Promise.all(Array.from({ length: 20 }, () => deployer.post(fields, name)));
    expect(new Set(all.map(({ deployment }) => deployment.id)).size).toBe(1);
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(all.map(words)).size).toBe(1);
  });

  it('is one deployment through the writer that batches, next to others', async () => {
    const writer = createGroupCommit<NewDeployment, Written>({ write: (batch) => createDeployments(database, batch), writers: 2, maxBatch: 16, maxWaiting: 1_000 });
    const create = createCreateDeployment({
      ...deployer.change,
      write: (item) => writer.write(item),
      ground: groundOf(database),
      idempotencyTtlSeconds: 60,
    });
    const names = Array.from({ length: 60 }, (_, index) => `batch-${index % 12}`);
    const all = await Promise.all(names.map((name) => create({ request: request({ version: name }), idempotencyKey: name, requestId: null })));
    expect(new Set(all.map(({ deployment }) => deployment.id)).size).toBe(12);
    for (const [index, { deployment }] of all.entries()) expect(deployment.version).toBe(names[index]);
  });
});

describe('keys', () => {
  it('refuse another request', async () => {
    const name = key();
    const natural = { source: 'ci', externalId: key() };
    await deployer.post(natural, name);
    expect(await codeOf(deployer.post({ ...natural, version: '9' }, name))).toBe('key_reused');
    expect(await codeOf(deployer.post({ version: '9' }, name))).toBe('key_reused');
    expect(await codeOf(deployer.post({ ...natural, version: '9' }))).toBe('key_reused');
    expect(await codeOf(deployer.post({ ...natural, version: '9' }, key()))).toBe('key_reused');
  });

  it('of both kinds lead to the same deployment, alone and together', async () => {
    const fields = { source: 'ci', externalId: key() };
    const name = key();
    const { deployment } = await deployer.post(fields, name);
    for (const again of [await deployer.post(fields), await deployer.post(fields, key()), await deployer.post(fields, name)]) {
      expect(again).toMatchObject({ replayed: true, deployment: { id: deployment.id } });
    }
  });

  it('that led to a deployment by another key are bound to it, and refuse another request from then on', async () => {
    const fields = { source: 'ci', externalId: key() };
    await deployer.post(fields);
    const second = key();
    expect(await deployer.post(fields, second)).toMatchObject({ replayed: true });
    await expect(deployer.post({ ...fields, externalId: key() }, second)).rejects.toMatchObject({ refusal: { code: 'key_reused' } });
    expect(await deployer.post(fields, second)).toMatchObject({ replayed: true });
  });

  it('that two other deployments have are refused together', async () => {
    const natural = { source: 'ci', externalId: key() };
    const name = key();
    await deployer.post({}, name);
    await deployer.post(natural);
    expect(await codeOf(deployer.post(natural, name))).toBe('key_reused');
  });

  it('of the natural kind are of one project and environment', async () => {
    const natural = { source: 'ci', externalId: key() };
    const ids = [
      await deployer.create(natural),
      await deployer.create({ ...natural, environment: 'staging' }),
      await deployer.create({ ...natural, project: 'web' }),
      await deployer.create({ ...natural, source: null }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('that a refused request would have had stay free', async () => {
    const name = key();
    expect(await codeOf(deployer.post({ retryOf: newId() }, name))).toBe('retry_of_not_found');
    expect((await deployer.post({}, name)).replayed).toBe(false);
    const other = key();
    const natural = { source: 'ci', externalId: key() };
    await deployer.post(natural);
    expect(await codeOf(deployer.post({ ...natural, version: '9' }, other))).toBe('key_reused');
    expect((await deployer.post({ version: '10' }, other)).replayed).toBe(false);
  });

  const expire = (name: string): Promise<unknown> =>
    database.query(`UPDATE deployment_keys SET expires_at = now() - interval '1 second' WHERE key = $1`, [name]);

  it('that have expired are free again', async () => {
    const name = key();
    const { deployment } = await deployer.post({}, name);
    await expire(name);
    const again = await deployer.post({ version: '2' }, name);
    expect(again.replayed).toBe(false);
    expect(again.deployment.id).not.toBe(deployment.id);
    expect((await deployer.post({ version: '2' }, name)).deployment.id).toBe(again.deployment.id);
  });

  it('of the natural kind hold when the idempotency key has expired', async () => {
    const name = key();
    const fields = { source: 'ci', externalId: key() };
    const { deployment } = await deployer.post(fields, name);
    await expire(name);
    expect(await deployer.post(fields, name)).toMatchObject({ replayed: true, deployment: { id: deployment.id } });
  });
});

describe('a policy', () => {
  it('of the environment goes before the default', async () => {
    await database.query(`INSERT INTO environments (name, approvals_required, eligible, approval_ttl_s) VALUES ('own', 2, '{ann@example.com}', 60)`);
    const { deployment } = await deployer.post({ environment: 'own' });
    expect(deployment.approval).toMatchObject({ required: 2, eligible: ['ann@example.com'] });
    expect(deployment.approval.expiresAt?.getTime()).toBe(deployment.createdAt.getTime() + 60_000);
  });

  it('that changes between the judgement and the write is judged anew', async () => {
    await database.query(`INSERT INTO environments (name, approvals_required) VALUES ('moving', 1)`);
    let written = 0;
    const create = createCreateDeployment({
      ...deployer.change,
      write: async (item) => {
        written += 1;
        if (written === 1) await database.query(`UPDATE environments SET approvals_required = 0, revision = revision + 1 WHERE name = 'moving'`);
        return (await createDeployments(database, [item]))[0] ?? { outcome: 'policy_changed' };
      },
      ground: groundOf(database),
      idempotencyTtlSeconds: 60,
    });
    const { deployment } = await create({ request: request({ environment: 'moving' }), idempotencyKey: null, requestId: null });
    expect(written).toBe(2);
    expect(deployment).toMatchObject({ status: 'approved', approval: { required: 0 } });
    expect((await effectsOf(database, deployment.id)).map(({ kind }) => kind)).toEqual(['jira.ticket', 'slack.notice']);
  });

  it('that keeps changing is no fault: the request may be sent again', async () => {
    const options = { database, idempotencyTtlSeconds: 3_600, noticeDelayMs: () => Promise.resolve(0), queueMs: () => ({ jira: 0, slack: 0 }) };
    const create = createCreateDeployment({ ...options, ground: groundOf(database), write: () => Promise.resolve({ outcome: 'policy_changed' }) });
    await expect(create({ request: request(), idempotencyKey: null, requestId: null })).rejects.toThrow(OverloadedError);
  });
});
