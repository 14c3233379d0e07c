import { type Database, dropPartitions, ensurePartitions, findDroppable, findKeyOwners, freeExpiredKeys, leastIdOf, listDeployments, listEvents, listSpans, quartersFrom, removeDeployments, removeOrphans } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { count, key, open, stored } from './build.js';

const DAY_MS = 86_400_000;
/** All of it was over long ago. */
const PAST = new Date('2023-02-10T00:00:00Z');
const idAt = (time: Date): string => uuidv7({ msecs: time.getTime() });

let test: TestDatabase;
let database: Database;

beforeEach(async () => {
  test = await testDatabase();
  database = open(test.url);
  await database.query(`UPDATE rollup_state SET counted_until = 'infinity'`);
});

afterEach(async () => {
  await database.close();
  await test.drop();
});

/** As if the oldest partition had gone, and these quarters had been there. */
async function withPast(): Promise<void> {
  const quarters = quartersFrom(PAST, 1);
  for (const table of ['deployments', 'events']) {
    await database.query(`DROP TABLE ${table}_before`);
    for (const { name, from, to } of quarters) await database.query(`CREATE TABLE ${table}_${name} PARTITION OF ${table} FOR VALUES FROM ('${from}') TO ('${to}')`);
  }
}

const placeOf = async (id: string | undefined): Promise<unknown> => {
  const rows = await database.query(`SELECT (SELECT tableoid::regclass::text FROM deployments WHERE id = $1) AS d, (SELECT tableoid::regclass::text FROM events WHERE deployment_id = $1) AS e`, [id]);
  return rows[0];
};
const names = async (): Promise<string[]> => (await listSpans(database)).map(({ name }) => name);

/** Deployments of then, over since then, that owe nothing; each with one of everything. */
async function past(...ids: string[]): Promise<void> {
  await stored(database, ...ids.map((id, n) => ({ id, keys: [key('natural', `past-${n}`), key('idempotency', `past-${n}`)] })));
  await database.query(`UPDATE deployments SET status = 'succeeded', approval_status = 'approved', finished_at = $2, updated_at = $2 WHERE id = ANY ($1)`, [ids, PAST]);
  await database.query(`UPDATE events SET at = $2 WHERE deployment_id = ANY ($1)`, [ids, PAST]);
  await database.query(`UPDATE effects SET phase = 'sent', next_attempt_at = NULL WHERE deployment_id = ANY ($1)`, [ids]);
  await database.query(`INSERT INTO decisions (deployment_id, actor, decision) SELECT id, 'bob@example.com', 'approve' FROM deployments WHERE id = ANY ($1)`, [ids]);
  await database.query(`INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url) SELECT id, id, '1', 'A-1', 'u' FROM deployments WHERE id = ANY ($1)`, [ids]);
  await database.query(`INSERT INTO slack_messages (effect_id, deployment_id, kind, channel_id, ts) SELECT id, id, 'slack.approval', 'C', '1' FROM deployments WHERE id = ANY ($1)`, [ids]);
  await database.query(
    `INSERT INTO effect_actions (id, effect_id, action, state) SELECT gen_random_uuid(), id, 'replayed', 'dead' FROM effects WHERE deployment_id = ANY ($1)`,
    [ids],
  );
}

const REST = ['deployment_keys', 'decisions', 'jira_tickets', 'slack_messages', 'effects'] as const;
const rest = async (): Promise<number[]> => Promise.all([...REST, 'effect_actions'].map((table) => count(database, table)));

describe('a deployment', () => {
  it('is stored in the partition of its id with its events, and found in every other one that ids of foreign times lead to', async () => {
    const [now] = await stored(database);
    const [early] = await stored(database, { id: idAt(new Date('1999-01-01T00:00:00Z')) });
    const [late] = await stored(database, { id: idAt(new Date('2099-01-01T00:00:00Z')) });
    const [quarter] = quartersFrom(new Date(), 0);
    expect(await placeOf(now)).toEqual({ d: `deployments_${quarter?.name}`, e: `events_${quarter?.name}` });
    expect(await placeOf(early)).toEqual({ d: 'deployments_before', e: 'events_before' });
    expect(await placeOf(late)).toEqual({ d: 'deployments_default', e: 'events_default' });
    // The order is that of their creation, whatever their ids say.
    const { deployments } = await listDeployments(database, {}, { after: null, limit: 10 });
    expect(deployments.map(({ id }) => id)).toEqual([late, early, now]);
    expect(await listEvents(database, late ?? '', { after: 0, limit: 10 })).toHaveLength(1);
  });
});

describe('partitions of coming quarters', () => {
  it('are made before their time, once, however many make them', async () => {
    const before = await names();
    const made = await Promise.all([ensurePartitions(database, 6), ensurePartitions(database, 6), ensurePartitions(database, 6)]);
    const wanted = quartersFrom(new Date(), 6).map(({ name }) => name);
    expect(made.flat().sort()).toEqual(wanted.filter((name) => !before.includes(name)).sort());
    expect(await names()).toEqual(['before', ...wanted]);
    expect(await ensurePartitions(database, 6)).toEqual([]);
  });

  it('have the indexes of the others', async () => {
    const indexes = (name: string) =>
      database.query<{ sql: string }>(
        `SELECT regexp_replace(pg_get_indexdef(x.indexrelid), '^.* USING', '') AS sql FROM pg_index x
         WHERE x.indrelid = $1::regclass AND EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = x.indexrelid) ORDER BY 1`,
        [name],
      );
    const [made] = (await ensurePartitions(database, 4)).slice(-1);
    for (const table of ['deployments', 'events']) {
      expect(await indexes(`${table}_${made}`)).toEqual(await indexes(`${table}_before`));
      expect((await indexes(`${table}_${made}`)).length).toBeGreaterThan(1);
    }
  });

  it('take over what came before they were there, with nothing lost or doubled', async () => {
    const [, , third] = quartersFrom(new Date(), 2);
    await database.query(`DROP TABLE deployments_${third?.name}, events_${third?.name}`);
    const ids = await stored(database, ...Array.from({ length: 3 }, () => ({ id: idAt(new Date((third?.endsAt.getTime() ?? 0) - DAY_MS)) })));
    expect(await placeOf(ids[0])).toEqual({ d: 'deployments_default', e: 'events_default' });
    expect(await ensurePartitions(database, 2)).toEqual([third?.name]);
    for (const id of ids) expect(await placeOf(id)).toEqual({ d: `deployments_${third?.name}`, e: `events_${third?.name}` });
    expect(await count(database, 'deployments')).toBe(3);
    expect(await count(database, 'events')).toBe(3);
  });

  it('are not made where too much came before, which is said; later ones are', async () => {
    const [, second, third] = quartersFrom(new Date(), 2);
    for (const span of [second, third]) await database.query(`DROP TABLE deployments_${span?.name}, events_${span?.name}`);
    await database.query(
      `INSERT INTO events (deployment_id, revision, id, type, data) SELECT $1, n, gen_random_uuid(), 'deployment.updated', '{}' FROM generate_series(1, 10001) AS n`,
      [second?.from],
    );
    await expect(ensurePartitions(database, 2)).rejects.toThrow(new RegExp(`too much of ${second?.name}`));
    expect(await names()).toContain(third?.name);
    expect(await count(database, 'events_default')).toBe(10_001);
  });

  it('are given up for the moment where somebody holds the table, and nobody waits for long', async () => {
    const wanted = quartersFrom(new Date(), 4).at(-1)?.name;
    await database.transaction(async (uow) => {
      await uow.query('LOCK TABLE deployments_default IN ACCESS SHARE MODE');
      await expect(ensurePartitions(database, 4)).rejects.toMatchObject({ name: 'UnavailableError' });
    });
    expect(await names()).not.toContain(wanted);
    expect(await ensurePartitions(database, 4)).toEqual([wanted]);
  });
});

describe('retention', () => {
  it('drops a quarter as a whole when all of it is long over, and then what belonged to it, in batches', async () => {
    await withPast();
    const ids = [idAt(PAST), idAt(PAST), idAt(PAST)];
    await past(...ids);
    const [young] = await stored(database, { keys: [key('natural', 'young')] });
    expect(await dropPartitions(database, 365 * DAY_MS)).toEqual(['2023q1', '2023q2']);
    expect((await names())[0]).toBe(quartersFrom(new Date(), 0)[0]?.name);
    expect(await database.query('SELECT id FROM deployments')).toEqual([{ id: young }]);
    expect(await database.query('SELECT deployment_id AS id FROM events')).toEqual([{ id: young }]);
    // Two keys, a decision, a ticket, a message and two effects each.
    const removed: number[] = [];
    for (let last = 5; last === 5; ) removed.push((last = await removeOrphans(database, 5)));
    expect(removed).toEqual([5, 5, 5, 5, 1]);
    expect(await rest()).toEqual([1, 0, 0, 0, 2, 0]);
    expect(await count(database, 'dropped_partitions')).toBe(0);
    expect(await removeOrphans(database, 5)).toBe(0);
  });

  it.each([
    ['is open', (id: string) => database.query(`UPDATE deployments SET status = 'approved', finished_at = NULL WHERE id = $1`, [id])],
    ['ended lately', (id: string) => database.query(`UPDATE deployments SET finished_at = now() - interval '300 days' WHERE id = $1`, [id])],
    ['owes something', (id: string) => database.query(`UPDATE effects SET next_attempt_at = now() + interval '1 day' WHERE deployment_id = $1`, [id])],
    ['is not in the figures yet', () => database.query(`UPDATE rollup_state SET counted_until = $1`, [PAST])],
  ])('keeps a quarter of which one %s', async (_what, change) => {
    await withPast();
    const ids = [idAt(PAST), idAt(PAST)];
    await past(...ids);
    await change(ids[0] ?? '');
    expect(await dropPartitions(database, 365 * DAY_MS)).toEqual(['2023q2']);
    expect(await count(database, 'deployments')).toBe(2);
    // What is over in it goes one by one, so that one that is open for ever does not keep the others.
    const spared = await findDroppable(database, 365 * DAY_MS);
    const gone = await database.transaction((uow) => removeDeployments(uow, 10, 365 * DAY_MS, spared));
    expect(gone).toBe(_what === 'is not in the figures yet' ? 0 : 1);
  });

  it('spares what will be dropped as a whole, and goes one by one through what lies in no quarter', async () => {
    const [inQuarter] = await stored(database);
    const [foreign] = await stored(database, { id: idAt(new Date('2099-01-01T00:00:00Z')) });
    const [old] = await stored(database, { id: idAt(PAST) });
    await database.query(`UPDATE deployments SET status = 'succeeded', finished_at = now() - interval '40 days'`);
    await database.query(`UPDATE effects SET phase = 'sent', next_attempt_at = NULL`);
    const spared = await findDroppable(database, 30 * DAY_MS);
    expect(await database.transaction((uow) => removeDeployments(uow, 10, 30 * DAY_MS, spared))).toBe(2);
    expect(await database.query('SELECT id FROM deployments')).toEqual([{ id: inQuarter }]);
    expect([foreign, old]).not.toContain(inQuarter);
  });

  it('frees the keys of what was dropped before anything else of it is removed', async () => {
    await withPast();
    await past(idAt(PAST));
    const keys = [key('natural', 'past-0')];
    expect(await findKeyOwners(database, keys)).toMatchObject([{ expired: false }]);
    await dropPartitions(database, 365 * DAY_MS);
    expect(await findKeyOwners(database, keys)).toMatchObject([{ expired: true }]);
    await freeExpiredKeys(database, keys);
    expect(await findKeyOwners(database, keys)).toEqual([]);
  });

  it('leaves what came with an id of a dropped quarter since', async () => {
    await withPast();
    await past(idAt(PAST));
    await dropPartitions(database, 365 * DAY_MS);
    const later = idAt(PAST);
    await stored(database, { id: later, keys: [key('natural', 'later')] });
    await removeOrphans(database, 100);
    expect(await database.query('SELECT key FROM deployment_keys')).toEqual([{ key: 'later' }]);
    expect(await count(database, 'effects WHERE deployment_id = $1', [later])).toBe(2);
  });

  it('changes nothing while somebody reads, does not keep others waiting, and does it later', async () => {
    await withPast();
    await past(idAt(PAST));
    await database.transaction(async (uow) => {
      await uow.query('SELECT 1 FROM deployments LIMIT 1');
      // Creates wait behind each try: one is enough.
      await expect(dropPartitions(database, 365 * DAY_MS)).rejects.toThrow(/still there: 2023q1 \([^)]*\); dropped: none$/);
    });
    expect(await count(database, 'deployments')).toBe(1);
    expect(await count(database, 'dropped_partitions')).toBe(0);
    expect(await dropPartitions(database, 365 * DAY_MS)).toEqual(['2023q1', '2023q2']);
  });

  it('sees a change that is committed while it waits for its turn', async () => {
    await withPast();
    const id = idAt(PAST);
    await past(id);
    let dropping: Promise<readonly string[]> = Promise.resolve([]);
    await database.transaction(async (uow) => {
      await uow.query(`UPDATE deployments SET status = 'in_progress', finished_at = NULL WHERE id = $1`, [id]);
      dropping = dropPartitions(database, 365 * DAY_MS);
      // It has looked, found nothing that stays, and waits for this transaction.
      for (let waits = false; !waits; ) {
        const [row] = await uow.query<{ waits: boolean }>(`SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'deployments'::regclass) AS waits`);
        waits = row?.waits === true;
      }
    });
    expect(await dropping).toEqual(['2023q2']);
    expect(await count(database, 'deployments')).toBe(1);
  });
});

describe('bounds of ids', () => {
  it('are those of UUIDv7', () => {
    const time = new Date('2026-10-01T00:00:00Z');
    expect(leastIdOf(time) <= idAt(time)).toBe(true);
    expect(leastIdOf(new Date(time.getTime() + 1)) > idAt(time)).toBe(true);
  });
});
