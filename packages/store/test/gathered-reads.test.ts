import { type Database, UnavailableError, createGatheredReads, findShownDeployments, saveMessage, saveTicket } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL, effectOf, open, stored } from './build.js';

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

const LIMITS = { readers: 2, maxBatch: 128, maxWaiting: 1_000 };
const NOWHERE = '00000000-0000-7000-8000-000000000000';

describe('gathered reads', () => {
  it('become one statement for all that ask at once, with each id in it once', async () => {
    const statements: string[][] = [];
    const read = createGatheredReads({
      ...LIMITS,
      read: (ids) => {
        statements.push([...ids]);
        return Promise.resolve(new Map(ids.filter((id) => id !== 'none').map((id) => [id, id.toUpperCase()])));
      },
    });
    expect(await Promise.all(['a', 'b', 'a', 'none'].map(read))).toEqual(['A', 'B', 'A', null]);
    expect(statements).toEqual([['a', 'b', 'none']]);
  });

  it('give everybody their own deployment as it is shown, and null only to whom asked for what there is not', async () => {
    const [shown, bare] = (await stored(database, { project: 'shown' }, { project: 'bare' })) as [string, string];
    const ticket = { issueId: '1', key: 'OPS-1', url: 'https://jira.example.com/browse/OPS-1' };
    await saveTicket(database, shown, await effectOf(database, shown, 'jira.ticket'), ticket);
    const effectId = await effectOf(database, shown, 'slack.approval');
    await saveMessage(database, { effectId, kind: 'slack.approval', channelId: CHANNEL, ts: '1.1', deploymentId: shown, contentHash: null });
    const read = createGatheredReads({ ...LIMITS, read: (ids) => findShownDeployments(database, ids) });
    const [one, none, other] = await Promise.all([shown, NOWHERE, bare].map(read));
    expect(one).toMatchObject({ deployment: { id: shown, project: 'shown' }, outside: { ticket, messages: [{ ts: '1.1' }] } });
    expect(other).toMatchObject({ deployment: { id: bare, project: 'bare' }, outside: { ticket: null, messages: [] } });
    expect(none).toBeNull();
  });

  it('fail for all of a statement, which is tried once, and for nobody after it', async () => {
    let tried = 0;
    const away = new UnavailableError('away', true, undefined);
    const read = createGatheredReads<string>({
      ...LIMITS,
      read: (ids) => {
        tried += 1;
        return tried === 1 ? Promise.reject(away) : Promise.resolve(new Map(ids.map((id) => [id, id])));
      },
    });
    expect(await Promise.allSettled(['a', 'b', 'c'].map(read))).toEqual(Array(3).fill({ status: 'rejected', reason: away }));
    expect(tried).toBe(1);
    expect(await read('a')).toBe('a');
  });

  it('see what was committed before they began, in whatever order reads and writes come', async () => {
    const ids = await stored(database, {}, {}, {});
    const read = createGatheredReads({ ...LIMITS, read: (some) => findShownDeployments(database, some) });
    const committed = new Map(ids.map((id) => [id, 1]));
    const step = fc.record({ who: fc.nat(ids.length - 1), write: fc.boolean(), pause: fc.nat(2) });

    async function act({ who, write, pause }: { readonly who: number; readonly write: boolean; readonly pause: number }): Promise<void> {
      const id = ids[who] ?? '';
      for (let turn = 0; turn < pause; turn += 1) await new Promise(setImmediate);
      if (write) {
        const [row] = await database.query<{ revision: number }>('UPDATE deployments SET revision = revision + 1 WHERE id = $1 RETURNING revision', [id]);
        committed.set(id, Math.max(committed.get(id) ?? 0, row?.revision ?? 0));
        return;
      }
      const before = committed.get(id) ?? 0;
      expect((await read(id))?.deployment.revision).toBeGreaterThanOrEqual(before);
    }

    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }), async (actors) => {
        await Promise.all(actors.map(async (steps) => { for (const one of steps) await act(one); }));
      }),
      { numRuns: 40 },
    );
  });
});
