import { type Database, adoptIssue, findTicket, oweIssue, saveTicket } from '@deptracker/store';
import type { Reconciler } from '@deptracker/reconcile';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runEffect } from '../dist/run-effect.js';
import { type FakeOutside, fakeOutside, openVendor, testEngine, testPool } from './outside.js';

let test: TestDatabase;
let database: Database;
beforeAll(async () => {
  test = await testDatabase();
  database = testPool(test.url);
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

const AT = new Date('2026-11-20T12:00:00Z');

/** What Jira's webhook does with the news of an issue that carries the effect's label. */
const tell = (effectId: string, issueId: string): Promise<unknown> =>
  database.transaction((uow) =>
    adoptIssue(uow, { issue: { issueId, key: `OPS-${issueId}`, url: 'u', at: AT, status: { id: '1', name: 'Moved', category: 'indeterminate' } }, ids: [effectId], deleted: false }),
  );

const owed = async (): Promise<string> => {
  const asked = { requestedBy: null, queueMs: { jira: 0, slack: 0 } };
  const ticket = { summary: 'One', description: null, type: null, priority: null, projectKey: null };
  return (await database.transaction((uow) => oweIssue(uow, ticket, asked))).id;
};

/** Records what it made as jira-worker does. */
function saving(outside: FakeOutside & { reconciler: Reconciler }): Reconciler {
  const { reconciler } = outside;
  return {
    ...reconciler,
    prepare: async (effect) => {
      const prepared = await reconciler.prepare(effect);
      if (prepared.next !== 'send') return prepared;
      return {
        ...prepared,
        send: async (call) => {
          const made = await prepared.send(call);
          return { ...made, save: (uow) => saveTicket(uow, null, effect.id, { issueId: made.externalId, key: `OPS-${made.externalId}`, url: 'u' }) };
        },
      };
    },
  };
}

const start = (outside: ReturnType<typeof fakeOutside>) => ({ ...testEngine(database, outside.reconciler, openVendor), reconcilers: { 'jira.issue': saving(outside) } });
const row = async (id: string) => {
  const [found] = await database.query<{ phase: string; external_id: string; extra_ids: string[]; sends: number }>('SELECT phase, external_id, extra_ids, sends FROM effects WHERE id = $1', [id]);
  return found;
};

describe('a create that the webhook tells of', () => {
  it('before its answer is there is one ticket, as the webhook told it', async () => {
    const outside = fakeOutside();
    const id = await owed();
    outside.create.push('hang');
    const run = runEffect(start(outside), id);
    while (outside.created.length === 0) await new Promise(setImmediate);
    expect(await tell(id, '1')).toBe('adopted');
    outside.release();
    expect((await run).outcome).toBe('sent');
    expect(await row(id)).toEqual({ phase: 'sent', external_id: '1', extra_ids: [], sends: 1 });
    expect(await findTicket(database, { id })).toMatchObject({ key: 'OPS-1', status: 'Moved' });
  });

  it('after its answer was recorded is one ticket', async () => {
    const outside = fakeOutside();
    const id = await owed();
    await runEffect(start(outside), id);
    expect(await tell(id, '1')).toBe('adopted');
    expect(await row(id)).toEqual({ phase: 'sent', external_id: '1', extra_ids: [], sends: 1 });
    expect(await findTicket(database, { id })).toMatchObject({ key: 'OPS-1', status: 'Moved' });
  });

  it('while its answer is lost is settled, and looked up by nobody', async () => {
    const outside = fakeOutside();
    const id = await owed();
    outside.create.push('lost_after_applying');
    const engine = start(outside);
    outside.onCreate = () => Promise.resolve();
    expect((await runEffect(engine, id)).outcome).toBe('unknown');
    expect(await tell(id, '1')).toBe('adopted');
    await runEffect(engine, id);
    expect(await row(id)).toEqual({ phase: 'sent', external_id: '1', extra_ids: [], sends: 1 });
    expect([outside.lookups, outside.created.length]).toEqual([0, 1]);
  });

  it('just before its answer is lost is settled: the failure does not undo it', async () => {
    const outside = fakeOutside();
    const id = await owed();
    outside.create.push('lost_after_applying');
    outside.onCreate = async (effectId) => void (await tell(effectId, '1'));
    await runEffect(start(outside), id);
    expect(await row(id)).toMatchObject({ phase: 'sent', external_id: '1', sends: 1 });
  });

  it('is one ticket in whatever order record and webhook come', async () => {
    for (let round = 0; round < 20; round += 1) {
      const outside = fakeOutside();
      const id = await owed();
      const engine = start(outside);
      outside.onCreate = (effectId) => {
        // Beside the request, as it is with Jira.
        told = tell(effectId, '1');
        return Promise.resolve();
      };
      let told: Promise<unknown> = Promise.resolve();
      await runEffect(engine, id);
      await told;
      expect(await row(id)).toMatchObject({ phase: 'sent', external_id: '1', extra_ids: [], sends: 1 });
      expect(await database.query('SELECT issue_id, key, status FROM jira_tickets WHERE effect_id = $1', [id])).toEqual([{ issue_id: '1', key: 'OPS-1', status: 'Moved' }]);
    }
  });
});
