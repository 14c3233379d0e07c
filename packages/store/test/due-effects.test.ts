import { type Database, gatherDigest, listDigestMembers, listDue, settleDigestMembers, takeUnqueued } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANNEL, POLICY, count, open, stored } from './build.js';

let test: TestDatabase;
let database: Database;

const COUNT = 60;
const TELLS = { policy: { ...POLICY, approvalsRequired: 0 } };

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url, 20);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE deployments, decisions, events, effects');
});

const many = (over: object = {}): Promise<string[]> => stored(database, ...Array.from({ length: COUNT }, () => over));

describe('taking what is due and not queued', () => {
  it('never gives one row to two workers, and leaves none', async () => {
    await many();
    const taken = (await Promise.all(Array.from({ length: 12 }, () => takeUnqueued(database, 'jira', 10, 30_000)))).flat();
    while (taken.length < COUNT) {
      const more = await takeUnqueued(database, 'jira', 10, 30_000);
      expect(more.length).toBeGreaterThan(0);
      taken.push(...more);
    }
    expect(new Set(taken.map(({ id }) => id)).size).toBe(COUNT);
    expect(taken).toHaveLength(COUNT);
    expect(await takeUnqueued(database, 'jira', 10, 30_000)).toEqual([]);
  });

  it('takes no more than asked for, the most urgent first, of one target', async () => {
    const [first] = await many();
    await database.query(`UPDATE effects SET priority = 1 WHERE deployment_id = $1 AND target = 'jira'`, [first]);
    const taken = await takeUnqueued(database, 'jira', 7, 30_000);
    expect(taken).toHaveLength(7);
    expect(taken[0]).toMatchObject({ kind: 'jira.ticket', priority: 1 });
    expect(new Set(taken.map(({ target }) => target))).toEqual(new Set(['jira']));
  });

  it('takes a row again when its job was lost and the mark has lapsed, unless somebody runs it', async () => {
    await stored(database);
    const [job] = await takeUnqueued(database, 'jira', 10, 30_000);
    await database.query(`UPDATE effects SET queued_until = now() - interval '1 ms' WHERE id = $1`, [job?.id]);
    expect(await takeUnqueued(database, 'jira', 10, 30_000)).toEqual([job]);
    await database.query(`UPDATE effects SET queued_until = NULL, lease_until = now() + interval '1 minute' WHERE id = $1`, [job?.id]);
    expect(await takeUnqueued(database, 'jira', 10, 30_000)).toEqual([]);
    expect(await listDue(database, 'jira', 10)).toEqual([]);
  });

  it('lists for direct running also what is queued', async () => {
    await stored(database);
    const taken = await takeUnqueued(database, 'jira', 10, 30_000);
    expect(await listDue(database, 'jira', 10)).toEqual(taken);
  });
});

describe('gathering notices into a digest', () => {
  const gather = (max = 20): Promise<string | null> => database.transaction((uow) => gatherDigest(uow, CHANNEL, max));

  it('puts each notice into one digest, whoever gathers', async () => {
    await many(TELLS);
    const digests = (await Promise.all(Array.from({ length: 8 }, () => gather()))).filter((id) => id !== null);
    while (await count(database, `effects WHERE kind = 'slack.notice' AND parent_id IS NULL`)) digests.push((await gather()) ?? '');
    const members = (await Promise.all(digests.map((id) => listDigestMembers(database, id)))).flat();
    expect(members).toHaveLength(COUNT);
    expect(new Set(members.map(({ effectId }) => effectId)).size).toBe(COUNT);
    expect(await gather()).toBeNull();
    expect(await count(database, `effects WHERE kind = 'slack.digest'`)).toBe(digests.length);
  });

  it('takes only what is due to this channel, and lets the members share the end of the digest', async () => {
    await stored(database, TELLS, TELLS, { ...TELLS, noticeDelayMs: 60_000 });
    expect(await database.transaction((uow) => gatherDigest(uow, 'C0OTHER', 10))).toBeNull();
    const digest = (await gather()) ?? '';
    expect(await listDigestMembers(database, digest)).toHaveLength(2);
    await database.query(`UPDATE effects SET phase = 'sent', external_id = '17.1' WHERE id = $1`, [digest]);
    await settleDigestMembers(database, digest);
    expect(await count(database, `effects WHERE parent_id = $1 AND phase = 'sent' AND external_id = '17.1' AND next_attempt_at IS NULL`, [digest])).toBe(2);
    expect(await count(database, `effects WHERE kind = 'slack.notice' AND phase = 'unsent'`)).toBe(1);
  });
});
