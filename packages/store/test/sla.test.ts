import { type Database, type SlaWindow, measureSlaWindow, readSlaFigures } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANNEL, count, open, stored } from './build.js';

let test: TestDatabase;
let database: Database;

const TARGETS = { ticket: 60, message: 30, decision: 3_600, completion: 600 };
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE deployments, decisions, events, effects, jira_tickets, slack_messages, sla_windows CASCADE');
});

async function databaseNow(): Promise<Date> {
  const [row] = await database.query<{ now: Date }>('SELECT now()');
  return row?.now ?? new Date(0);
}

const measure = (slot: Date, over: { maxSeconds?: number; lookbackSeconds?: number } = {}): Promise<SlaWindow | null> =>
  database.transaction((uow) => measureSlaWindow(uow, { slot, maxSeconds: 3_600, lookbackSeconds: 86_400, targets: TARGETS, ...over }));

async function all(slot: Date): Promise<SlaWindow[]> {
  const windows: SlaWindow[] = [];
  for (let window = await measure(slot); window !== null; window = await measure(slot)) windows.push(window);
  return windows;
}

interface Milestones {
  readonly ticket?: number;
  readonly message?: number;
  readonly approved?: number;
  readonly started?: number;
  readonly succeeded?: number;
}

/** Puts a deployment `agoSeconds` into the past, with its milestones so many seconds after its creation. */
async function past(id: string, agoSeconds: number, at: Milestones): Promise<void> {
  await database.query('UPDATE deployments SET created_at = now() - make_interval(secs => $2) WHERE id = $1', [id, agoSeconds]);
  const milestone = async (sql: string, seconds: number | undefined): Promise<void> => {
    if (seconds !== undefined) await database.query(`WITH m AS (SELECT id, created_at + make_interval(secs => $2) AS at FROM deployments WHERE id = $1) ${sql}`, [id, seconds]);
  };
  const event = (revision: number, type: string): string =>
    `INSERT INTO events (deployment_id, revision, id, type, data, at) SELECT id, ${revision}, gen_random_uuid(), '${type}', '{}', at FROM m`;
  await milestone(`INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, created_at) SELECT id, id, '1', 'A-1', 'u', at FROM m`, at.ticket);
  await milestone(`INSERT INTO slack_messages (effect_id, deployment_id, kind, channel_id, ts, posted_at) SELECT id, id, 'slack.approval', '${CHANNEL}', '1', at FROM m`, at.message);
  await milestone('UPDATE deployments d SET started_at = m.at FROM m WHERE d.id = m.id', at.started);
  await milestone(event(2, 'deployment.approved'), at.approved);
  await milestone(event(3, 'deployment.succeeded'), at.succeeded);
}

describe('the SLA windows', () => {
  it('measure each milestone by the time it took, per project and environment', async () => {
    const [a, b, c] = (await stored(database, {}, {}, { project: 'billing' })) as [string, string, string];
    await past(a, 600, { ticket: 10, message: 20, approved: 100, started: 110, succeeded: 310 });
    await past(b, 600, { ticket: 130, message: 40 });
    await past(c, 500, { ticket: 60 });
    await all(await databaseNow());
    const figures = await readSlaFigures(database, HOUR_MS);
    const find = (metric: string, project = 'user-service') => figures.find((one) => one.metric === metric && one.project === project);
    expect(find('ticket')).toMatchObject({ environment: 'production', samples: 2, withinTarget: 1, average: 70, p50: 70, max: 130 });
    expect(find('ticket')?.p95).toBeCloseTo(124, 1);
    expect(find('message')).toMatchObject({ samples: 2, withinTarget: 1, average: 30 });
    expect(find('decision')).toMatchObject({ samples: 1, withinTarget: 1, average: 100 });
    expect(find('completion')).toMatchObject({ samples: 1, withinTarget: 1, average: 200 });
    expect(find('ticket', 'billing')).toMatchObject({ samples: 1, withinTarget: 1, max: 60 });
    expect(figures).toHaveLength(5);
  });

  it('follow each other without gap or overlap, an hour at most, and count each milestone once', async () => {
    const ids = await stored(database, ...Array.from({ length: 30 }, () => ({})));
    for (const [index, id] of ids.entries()) await past(id, 4.5 * 3_600, { ticket: index * 500 });
    const now = await databaseNow();
    const windows = await all(now);
    expect(windows).toHaveLength(5);
    expect(windows.slice(1).map(({ startsAt }) => startsAt)).toEqual(windows.slice(0, -1).map(({ endsAt }) => endsAt));
    expect(await count(database, `sla_windows WHERE ends_at - starts_at > interval '1 hour'`)).toBe(0);
    expect((await readSlaFigures(database, 24 * HOUR_MS))[0]).toMatchObject({ metric: 'ticket', samples: 30 });
    const later = new Date(now.getTime() + 60_000);
    expect(await all(later)).toHaveLength(1);
    expect((await readSlaFigures(database, 24 * HOUR_MS))[0]).toMatchObject({ samples: 30 });
  });

  it('begin with the oldest deployment, bounded by the lookback', async () => {
    expect(await all(await databaseNow())).toHaveLength(1);
    await database.query('TRUNCATE sla_windows CASCADE');
    const [id] = await stored(database);
    await past(id ?? '', 100 * 86_400, {});
    const now = await databaseNow();
    const first = await measure(now, { lookbackSeconds: 7_200 });
    expect(now.getTime() - new Date(first?.startsAt ?? 0).getTime()).toBe(7_210_000);
  });

  it('are the same when many measure at once', async () => {
    const ids = await stored(database, ...Array.from({ length: 10 }, () => ({})));
    for (const id of ids) await past(id, 1_000, { ticket: 50 });
    const slot = await databaseNow();
    const windows = (await Promise.all(Array.from({ length: 6 }, () => measure(slot)))).filter((window) => window !== null);
    expect(windows).toHaveLength(1);
    expect((await readSlaFigures(database, HOUR_MS))[0]).toMatchObject({ samples: 10 });
  });

  it('do not pass over what a slow transaction commits late', async () => {
    const [id] = (await stored(database)) as [string];
    await past(id, 100, {});
    const other = open(test.url, 1);
    try {
      await other.transaction(async (uow) => {
        await uow.query(`INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url) VALUES ($1, $1, '1', 'A-1', 'u')`, [id]);
        // As if this transaction had been open for a minute when the windows are measured.
        await all(new Date((await databaseNow()).getTime() + 60_000));
        expect(await readSlaFigures(database, HOUR_MS)).toEqual([]);
      });
    } finally {
      await other.close();
    }
    await all(new Date((await databaseNow()).getTime() + 60_000));
    expect((await readSlaFigures(database, HOUR_MS))[0]).toMatchObject({ metric: 'ticket', samples: 1 });
  });
});
