import { createDeployments, ensurePartitions, listDeployments, migrateDown, migrateUp, migrationStatus } from '@deptracker/store';
import { type TestDatabase, emptyTestDatabase } from '@deptracker/testkit';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { count, newDeployment, open, stored } from './build.js';

let test: TestDatabase;

beforeAll(async () => {
  test = await emptyTestDatabase();
  await migrateUp(test.url);
});

afterAll(async () => {
  await test.drop();
});

const isPartitioned = async (): Promise<boolean> => (await migrationStatus(test.url)).applied.some((name) => name.includes('partition'));
/** Of deployments, the primary key among them. */
const INDEXES = 15;
const idAt = (time: string): string => uuidv7({ msecs: Date.parse(time) });

describe('partitioning what is there', () => {
  it('fails no create and no list meanwhile, keeps every row, and can be taken back', async () => {
    while (await isPartitioned()) await migrateDown(test.url, { confirmed: true });
    const database = open(test.url, 4);
    try {
      const [early, late] = await stored(database, { id: idAt('2020-05-01T00:00:00Z') }, { id: idAt('2099-05-01T00:00:00Z') });
      const live = { made: 0, over: false };
      const work = (async () => {
        while (!live.over) {
          await createDeployments(database, [newDeployment()]);
          live.made += 1;
          await listDeployments(database, {}, { after: null, limit: 5 });
        }
      })();
      try {
        await migrateUp(test.url);
      } finally {
        live.over = true;
        await work;
      }
      expect(live.made).toBeGreaterThan(0);
      const all = live.made + 2;
      expect([await count(database, 'deployments'), await count(database, 'events')]).toEqual([all, all]);
      // An id of a later time than ours is moved, everything else stays where it is.
      expect(await database.query('SELECT id, tableoid::regclass::text AS place FROM deployments WHERE id = ANY ($1) ORDER BY id', [[early, late]])).toEqual([
        { id: early, place: 'deployments_before' },
        { id: late, place: 'deployments_default' },
      ]);
      expect(await count(database, 'deployments_before')).toBe(all - 1);
      while (await isPartitioned()) await migrateDown(test.url, { confirmed: true });
      expect([await count(database, 'deployments'), await count(database, 'events')]).toEqual([all, all]);
      await migrateUp(test.url);
      expect([await count(database, 'deployments'), await count(database, 'events')]).toEqual([all, all]);
    } finally {
      await database.close();
    }
  });

  it('can be taken back after retention has dropped the oldest partition', async () => {
    const database = open(test.url, 2);
    try {
      await database.query('DROP TABLE deployments_before, events_before');
      const [id] = await stored(database, {});
      while (await isPartitioned()) await migrateDown(test.url, { confirmed: true });
      expect(await count(database, 'deployments WHERE id = $1', [id])).toBe(1);
      await migrateUp(test.url);
      expect(await count(database, 'deployments WHERE id = $1', [id])).toBe(1);
      expect(await count(database, `pg_indexes WHERE tablename = 'deployments'`)).toBe(INDEXES);
    } finally {
      await database.close();
    }
  });

  it('gives every partition the same indexes, also where making them was cut off or a partition came meanwhile', async () => {
    const database = open(test.url, 2);
    const has = async (name: string): Promise<boolean> => (await migrationStatus(test.url)).applied.some((applied) => applied.includes(name));
    const whole = (): Promise<number> => count(database, `pg_indexes WHERE tablename = 'deployments'`);
    const lacking = (): Promise<number> =>
      count(database, `pg_inherits p WHERE p.inhparent = 'deployments'::regclass AND ${INDEXES} <> (SELECT count(*) FROM pg_index i WHERE i.indrelid = p.inhrelid AND i.indisvalid)`);
    try {
      while (await has('deployments_by_value')) await migrateDown(test.url, { confirmed: true });
      await database.query('CREATE INDEX deployments_default_by_project ON deployments_default (project)');
      await database.query(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'deployments_default_by_project'::regclass`);
      await migrateUp(test.url);
      expect([await whole(), await lacking()]).toEqual([INDEXES, 0]);
      while (await has('deployments_by_value_attached')) await migrateDown(test.url, { confirmed: true });
      await ensurePartitions(database, 6);
      await migrateUp(test.url);
      expect([await whole(), await lacking()]).toEqual([INDEXES, 0]);
      await ensurePartitions(database, 8);
      expect([await whole(), await lacking()]).toEqual([INDEXES, 0]);
    } finally {
      await database.close();
    }
  });
});
