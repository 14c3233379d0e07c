import { DURATION_BOUNDS_MS, TALLIED } from '@deptracker/domain';
import { type Database, type UnitOfWork, countRollups, markRollups, readFreshness, readStats, resetRollups } from '@deptracker/store';
import { type TestDatabase, testDatabase, waitFor } from '@deptracker/testkit';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { open, stored } from './build.js';

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

async function wipe(): Promise<void> {
  await database.query('TRUNCATE deployments, decisions, events, effects, deployment_keys, rollups, rollup_durations, rollup_state CASCADE');
  await database.query('INSERT INTO rollup_state DEFAULT VALUES');
}
beforeEach(wipe);

const DAY_S = 86_400;
const slice = (maxSeconds = DAY_S) => database.transaction((uow) => countRollups(uow, maxSeconds));

async function run(maxSeconds?: number): Promise<void> {
  await markRollups(database, 0);
  await markRollups(database, 0);
  while ((await slice(maxSeconds)).more);
}

/** Runs until everything that is committed by now is counted; other tests' open transactions may hold it up. */
async function runToNow(): Promise<void> {
  const [clock] = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  await waitFor(async () => {
    await run();
    const { freshAsOf } = await readFreshness(database);
    return freshAsOf !== null && clock !== undefined && freshAsOf > clock.now;
  });
}

const event = (uow: Pick<UnitOfWork, 'query'>, id: string, revision: number, type: string, at = 'clock_timestamp()') =>
  uow.query(`INSERT INTO events (deployment_id, revision, id, type, data, at) VALUES ($1, $2, $3, $4, '{}', ${at})`, [id, revision, uuidv7(), type]);

type Rows = Record<string, number>;

/** What the rollups hold, by place, grain and time. */
async function held(): Promise<Rows> {
  const counts = await database.query<Record<string, unknown>>('SELECT *, starts_at::text AS at FROM rollups');
  const durations = await database.query<Record<string, unknown>>('SELECT *, starts_at::text AS at, sum_ms::float8 AS sum FROM rollup_durations');
  const rows: Rows = {};
  for (const row of counts) {
    for (const name of Object.keys(TALLIED)) {
      const value = Number(row[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]);
      if (value > 0) rows[[row['project'], row['environment'], row['grain'], row['at'], name].join('|')] = value;
    }
  }
  for (const row of durations) {
    const key = [row['project'], row['environment'], row['grain'], row['at'], row['metric'], row['bucket']].join('|');
    rows[`${key}|samples`] = Number(row['samples']);
    rows[`${key}|sum`] = Number(row['sum']);
  }
  return rows;
}

interface Fact {
  readonly project: string;
  readonly environment: string;
  readonly type: string;
  readonly hour: string;
  readonly day: string;
  readonly waitMs: number;
  readonly rolloutMs: number | null;
}

/** The same, counted anew, event by event. */
async function recount(): Promise<Rows> {
  const facts = await database.query<Fact>(
    `SELECT d.project, d.environment, e.type, date_trunc('hour', e.at, 'UTC')::text AS hour, date_trunc('day', e.at, 'UTC')::text AS day,
       round(extract(epoch FROM e.at - d.created_at) * 1000)::float8 AS "waitMs", round(extract(epoch FROM e.at - d.started_at) * 1000)::float8 AS "rolloutMs"
     FROM events e JOIN deployments d ON d.id = e.deployment_id`,
  );
  const names = new Map(Object.entries(TALLIED).map(([name, type]): [string, string] => [type, name]));
  const rows: Rows = {};
  const add = (key: string, by: number): void => void (rows[key] = (rows[key] ?? 0) + by);
  for (const { project, environment, type, hour, day, waitMs, rolloutMs } of facts) {
    const name = names.get(type);
    if (name === undefined) continue;
    const metric = ['approved', 'rejected'].includes(name) ? 'approval_wait' : ['succeeded', 'failed', 'timedOut'].includes(name) && rolloutMs !== null ? 'rollout' : null;
    const ms = Math.max(0, (metric === 'rollout' ? rolloutMs : waitMs) ?? 0);
    const bucket = DURATION_BOUNDS_MS.filter((bound) => bound <= ms).length;
    for (const place of [`${project}|${environment}`, `${project}|`, `|${environment}`, '|']) {
      for (const time of [`hour|${hour}`, `day|${day}`]) {
        add(`${place}|${time}|${name}`, 1);
        if (metric === null) continue;
        add(`${place}|${time}|${metric}|${bucket}|samples`, 1);
        add(`${place}|${time}|${metric}|${bucket}|sum`, ms);
      }
    }
  }
  return rows;
}

/** Deployments of the last days with a few events each. */
async function history(spec: readonly { readonly place: number; readonly hoursAgo: number; readonly steps: readonly number[] }[]): Promise<string[]> {
  const ids = spec.length === 0 ? [] : await stored(database, ...spec.map(({ place }) => ({ project: `p${place % 2}`, environment: `e${place % 3}` })));
  for (const [index, { hoursAgo, steps }] of spec.entries()) {
    const id = ids[index] ?? '';
    const ago = (minutes: number): string => `date_trunc('second', now()) - interval '${hoursAgo * 60 - minutes} minutes'`;
    await database.query(`UPDATE deployments SET created_at = ${ago(0)}, started_at = ${ago(9)} WHERE id = $1`, [id]);
    await database.query(`UPDATE events SET at = ${ago(0)} WHERE deployment_id = $1`, [id]);
    for (const [n, step] of steps.entries()) await event(database, id, n + 2, TYPES[step % TYPES.length] ?? '', ago(10 + 25 * n));
  }
  return ids;
}

const TYPES = [...Object.values(TALLIED), 'deployment.updated', 'approval.decided'];

describe('rollups', () => {
  it('are a recount of the events, whatever is late, cut off or done by two at once, and the same when counted anew', async () => {
    const past = fc.array(
      fc.record({ place: fc.nat(5), hoursAgo: fc.integer({ min: 3, max: 80 }), steps: fc.array(fc.nat(TYPES.length - 1), { maxLength: 4 }) }),
      { maxLength: 6 },
    );
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('open' as const), type: fc.nat(TYPES.length - 1) }),
        fc.record({ do: fc.constantFrom('commit' as const, 'undo' as const) }),
        fc.record({ do: fc.constantFrom('run' as const, 'two runs' as const, 'anew' as const) }),
        fc.record({ do: fc.constant('cut off' as const), after: fc.nat(4) }),
        fc.record({ do: fc.constant('small slices' as const) }),
      ),
      { maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(past, steps, async (spec, todo) => {
        await wipe();
        const ids = await history([{ place: 0, hoursAgo: 5, steps: [] }, ...spec]);
        const writers: { end: (how: 'commit' | 'undo') => Promise<void> }[] = [];
        let revision = 100;
        const begin = async (type: string): Promise<void> => {
          let release: (how: 'commit' | 'undo') => void = () => undefined;
          const told = new Promise<'commit' | 'undo'>((resolve) => (release = resolve));
          let written: () => void = () => undefined;
          const wrote = new Promise<void>((resolve) => (written = resolve));
          const ended = database
            .transaction(async (uow) => {
              await event(uow, ids[0] ?? '', (revision += 1), type);
              written();
              if ((await told) === 'undo') throw new Error('undone');
            })
            .catch(() => undefined);
          await wrote;
          writers.push({ end: async (how) => { release(how); await ended; } });
        };
        for (const step of todo) {
          if (step.do === 'open' && writers.length < 3) await begin(TYPES[step.type] ?? '');
          else if (step.do === 'commit' || step.do === 'undo') await writers.shift()?.end(step.do);
          else if (step.do === 'run') await run();
          else if (step.do === 'two runs') await Promise.all([run(), run()]);
          else if (step.do === 'anew') await database.transaction((uow) => resetRollups(uow, new Date(Date.now() - 36 * 3_600_000)));
          else if (step.do === 'small slices') await run(7_000);
          else if (step.do === 'cut off') {
            let left = step.after;
            const killed = (uow: UnitOfWork): UnitOfWork => ({
              ...uow,
              query: (text, values) => (left-- === 0 ? Promise.reject(new Error('killed')) : uow.query(text, values)),
            });
            await markRollups(database, 0);
            await database.transaction((uow) => countRollups(killed(uow), DAY_S)).catch(() => undefined);
          }
        }
        for (const writer of writers) await writer.end('commit');
        await runToNow();
        const found = await held();
        expect(found).toEqual(await recount());
        await database.transaction((uow) => resetRollups(uow));
        await runToNow();
        expect(await held()).toEqual(found);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('wait for a transaction that is still open, and count what it commits', async () => {
    const [id = ''] = await stored(database, {});
    await database.transaction(async (uow) => {
      await event(uow, id, 2, 'deployment.approved');
      const [at] = await uow.query<{ at: Date }>('SELECT max(at) AS at FROM events');
      await run();
      await run();
      const { freshAsOf } = await readFreshness(database);
      expect(freshAsOf?.getTime() ?? 0).toBeLessThanOrEqual(at?.at.getTime() ?? 0);
    });
    await runToNow();
    expect(Object.entries(await held()).filter(([key]) => key.startsWith('||hour') && key.endsWith('|approved')).map(([, n]) => n)).toEqual([1]);
  });

  it('go on after a dump was restored into a cluster with smaller numbers', async () => {
    await stored(database, {});
    await database.query(`UPDATE rollup_state SET mark_at = now(), mark_xid = '9000000000000000'`);
    await runToNow();
    expect(await held()).toEqual(await recount());
  });

  it('keep a margin by themselves, so that what is just now written is not counted yet', async () => {
    await stored(database, {});
    await markRollups(database);
    await waitFor(async () => (await markRollups(database)) !== null);
    while ((await slice()).more);
    expect(await held()).toEqual({});
    expect((await readFreshness(database)).freshAsOf?.getTime()).toBeLessThan(Date.now() - 9_000);
  });

  it('are read with one row for each hour and place', async () => {
    await history(Array.from({ length: 5 }, (_, place) => ({ place, hoursAgo: 30, steps: [1, 4, 5] })));
    await runToNow();
    const day = (offset: number): Date => new Date((Math.floor(Date.now() / 86_400_000) + offset) * 86_400_000);
    const span = { from: day(-3), to: day(1), grain: 'day' as const };
    const all = await readStats(database, { ...span, project: null, environment: null });
    expect(all.tallies.reduce((sum, { created }) => sum + created, 0)).toBe(5);
    const some = await readStats(database, { ...span, project: 'p0', environment: 'e0' });
    expect(some.tallies.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(1);
    expect(some.durations.map(({ metric, samples }) => [metric, samples]).sort()).toEqual([['approval_wait', 1], ['rollout', 1]]);
  });
});
