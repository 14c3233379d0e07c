import { randomUUID } from 'node:crypto';
import { type Database, claimEffects, createDatabase, findEffect, gatherEffects, intendToSendAll } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let target: TestDatabase;
let database: Database;
const LEASE_MS = 60_000;

beforeAll(async () => {
  target = await testDatabase();
  database = createDatabase({ url: target.url, maxConnections: 5, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
});
afterAll(async () => {
  await database.close();
  await target.drop();
});

async function dueEffect(nextAttempt = 'now()'): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO effects (id, kind, target, deployment_id, destination, priority, desired_revision, next_attempt_at)
     VALUES ($1, 'slack.approval', 'slack', $2, 'C1', 1, 1, ${nextAttempt})`, [id, randomUUID()]);
  return id;
}

/** The same database, with a count of its statements. */
function counted(): { database: Database; texts: string[] } {
  const texts: string[] = [];
  return { texts, database: { ...database, query: (text, values) => { texts.push(text); return database.query(text, values); } } };
}

describe('gathered effects', () => {
  it('are claimed and intended in one statement each, every one with its own fence', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => dueEffect()));
    const watched = counted();
    const effects = gatherEffects(watched.database);
    const claimed = await Promise.all(ids.map((id) => effects.claim({ id, leaseMs: LEASE_MS, confirmMs: 0 })));
    expect(claimed.map((one) => one?.id)).toEqual(ids);
    expect(new Set(claimed.map((one) => one?.fence))).toEqual(new Set([1]));
    expect(watched.texts).toHaveLength(1);
    expect(await Promise.all(claimed.map(async (one) => one !== null && effects.intend(one, 1_000)))).toEqual(ids.map(() => true));
    expect(watched.texts).toHaveLength(2);
    for (const id of ids) expect(await findEffect(database, id)).toMatchObject({ phase: 'sending', sends: 1, leased: true });
  });

  it('give one lease where one is asked for twice at once, here or in another process', async () => {
    const id = await dueEffect();
    const [here, there] = [gatherEffects(database), gatherEffects(database)];
    const claimed = await Promise.all([here, here, there, there].map((effects) => effects.claim({ id, leaseMs: LEASE_MS, confirmMs: 0 })));
    expect(claimed.filter((one) => one !== null)).toHaveLength(1);
    expect(await claimEffects(database, [{ id: await dueEffect(), leaseMs: 1, confirmMs: 0 }].flatMap((one) => [one, { ...one }]))).toMatchObject([{ fence: 1 }, null]);
  });

  it('leave out what is not due, is gone or is leased, and nothing else', async () => {
    const [due, later, leased] = [await dueEffect(), await dueEffect(`now() + interval '1 hour'`), await dueEffect()];
    const effects = gatherEffects(database);
    await effects.claim({ id: leased, leaseMs: LEASE_MS, confirmMs: 0 });
    const claimed = await Promise.all([due, later, leased, randomUUID()].map((id) => effects.claim({ id, leaseMs: LEASE_MS, confirmMs: 0 })));
    expect(claimed.map((one) => one?.id ?? null)).toEqual([due, null, null, null]);
    expect(await findEffect(database, leased)).toMatchObject({ fence: 1 });
  });

  it('intend nothing for whoever lost the lease or has too little of it left', async () => {
    const [kept, lost, short] = [await dueEffect(), await dueEffect(), await dueEffect()];
    const effects = gatherEffects(database);
    const claimed = await Promise.all([effects.claim({ id: kept, leaseMs: LEASE_MS, confirmMs: 0 }), effects.claim({ id: lost, leaseMs: LEASE_MS, confirmMs: 0 }), effects.claim({ id: short, leaseMs: 500, confirmMs: 0 })]);
    await database.query('UPDATE effects SET fence = fence + 1 WHERE id = $1', [lost]);
    expect(await Promise.all(claimed.map(async (one) => one !== null && effects.intend(one, 1_000)))).toEqual([true, false, false]);
    for (const id of [lost, short]) expect(await findEffect(database, id)).toMatchObject({ phase: 'unsent', sends: 0 });
  });

  it('answer one of two same intents that come together, which count as one request', async () => {
    const id = await dueEffect();
    const claim = await gatherEffects(database).claim({ id, leaseMs: LEASE_MS, confirmMs: 0 });
    const intent = { id, fence: claim?.fence ?? 0, timeoutMs: 1_000 };
    expect(await intendToSendAll(database, [intent, { ...intent }])).toEqual([true, false]);
    expect(await findEffect(database, id)).toMatchObject({ sends: 1 });
  });

  it('wait for a row that somebody has locked without holding up the others', async () => {
    const [locked, free] = [await dueEffect(), await dueEffect()];
    const effects = gatherEffects(database);
    const waiting = await database.transaction(async (uow) => {
      await uow.query('UPDATE effects SET desired_revision = 7 WHERE id = $1', [locked]);
      const later = effects.claim({ id: locked, leaseMs: LEASE_MS, confirmMs: 0 });
      expect(await effects.claim({ id: free, leaseMs: LEASE_MS, confirmMs: 0 })).toMatchObject({ id: free });
      return { later };
    });
    expect(await waiting.later).toMatchObject({ id: locked, desiredRevision: 7 });
  });
});
