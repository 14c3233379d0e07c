import { readFileSync } from 'node:fs';
import { freePort, waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SLOTS, type Slot, appOf } from '../fleet/slots.js';
import { Scene } from '../scene.js';

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open();
}, 300_000);

afterAll(async () => {
  await scene.stop();
});

beforeEach(async () => {
  await scene.begin();
}, 120_000);

const of = (app: string): Slot[] => SLOTS.filter((slot) => appOf(slot) === app);
const APIS = of('api');
const CRONS = of('metrics-cron');
const WORKERS = [...of('jira-worker'), ...of('slack-worker')];

/** All that was posted so far was answered 201 at the first try. */
function expectNoRefusal(): void {
  expect(scene.history.timings.filter(({ what, status }) => what.startsWith('POST') && status !== 201)).toEqual([]);
}

describe('Redis', () => {
  it('that is full takes nothing more: every create is answered 201, and all is delivered', async () => {
    await scene.fleet.askRedis('CONFIG', 'SET', 'maxmemory', 1);
    await scene.orders(8, 'full');
    expectNoRefusal();
    await scene.sound();
  });

  it('that has become a read-only replica is left alone: every create is answered 201, and all is delivered', async () => {
    await scene.fleet.askRedis('REPLICAOF', '127.0.0.1', await freePort());
    await scene.orders(8, 'replica');
    expectNoRefusal();
    await scene.sound();
    await scene.fleet.askRedis('REPLICAOF', 'NO', 'ONE');
    await scene.orders(4, 'primary');
    await scene.sound();
  });

  it('that is wiped with jobs waiting, active and delayed loses nothing', async () => {
    await scene.fleet.faults([{ method: '*', latencyMs: 300 }]);
    // One that is put off until its thread's message stands, and retries that wait for their time.
    await scene.fleet.faults([
      { method: '*', latencyMs: 300 },
      { method: 'jira.createIssue', kind: 'error', status: 503, times: 3 },
    ]);
    const orders = scene.orders(20, 'wiped');
    const jobs = async (): Promise<number> => Number(await scene.fleet.askRedis('LLEN', 'deptracker:jira:active'));
    await scene.until('active jobs', async () => (await jobs()) > 0);
    await scene.fleet.flushRedis();
    await orders;
    await scene.fleet.flushRedis();
    await scene.fleet.faults([]);
    await scene.sound();
  });

  it('that is silent makes nobody wait for it', async () => {
    await scene.orders(4, 'warm');
    await scene.fleet.redis.pause();
    scene.history.timings.length = 0;
    for (let index = 0; index < 60; index += 1) await scene.order(`silent-${index}`);
    expectNoRefusal();
    const times = scene.history.timings.map(({ ms }) => ms).sort((a, b) => a - b);
    expect(times[Math.floor(times.length / 2)]).toBeLessThan(250);
    await scene.sound();
  });
});

describe('Postgres', () => {
  it('that is ended at once under load: callers are told to come back, and work goes on within ten seconds of its return', async () => {
    const posts = scene.orders(40, 'restart');
    await scene.until('the first answers', () => scene.history.timings.some(({ status }) => status === 201));
    await scene.fleet.restartPostgres();
    const back = performance.now();
    const more = scene.order('after');
    await more;
    expect(performance.now() - back).toBeLessThan(10_000);
    await posts;
    const refusals = scene.history.timings.filter(({ status }) => status >= 400);
    expect(refusals.filter(({ status }) => status !== 503)).toEqual([]);
    await scene.sound();
  });

  it('that is slow for everybody: who finds no connection is sent away with Retry-After, and the process stays alive', async () => {
    const id = await scene.order('slow');
    for (const slot of APIS) scene.fleet.link(`${slot}/postgres`).delay(700);
    const reads = Array.from({ length: 120 }, () => scene.get(`/api/deployments/${id}/events`));
    const live = await fetch(`${scene.fleet.process('api-1').url}/health/live`, { signal: AbortSignal.timeout(2_000) });
    expect(live.status).toBe(200);
    const answers = await Promise.all(reads);
    const busy = answers.filter((answer) => answer?.status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.every((answer) => Number(answer?.retryAfter) > 0)).toBe(true);
    expect(answers.filter((answer) => answer !== null && ![200, 503].includes(answer.status))).toEqual([]);
    for (const slot of APIS) scene.fleet.link(`${slot}/postgres`).pass();
    await scene.order('quick again');
    await scene.sound();
  });

  it('whose connections are dead without a word is found again', async () => {
    await scene.orders(4, 'before');
    for (const slot of SLOTS) scene.fleet.link(`${slot}/postgres`).halfOpen('answers');
    const posted = scene.order('during');
    await scene.until('a wait with an end', () => scene.history.timings.some(({ what, status }) => what.startsWith('POST') && status !== 201));
    for (const slot of SLOTS) scene.fleet.link(`${slot}/postgres`).pass();
    await posted;
    await scene.sound();
  });
});

describe('a vendor', () => {
  it.each([
    ['an HTML page', 'garbage'],
    ['100 MB', 'huge'],
    ['one byte a second', 'drip'],
  ])('that answers %s, whether it did what it was asked or not: one ticket and one message in the end', async (_what, kind) => {
    await scene.fleet.faults([
      { method: 'jira.createIssue', kind, every: 2, times: 2 },
      { method: 'jira.createIssue', kind, applied: true, times: 2 },
      { method: 'slack.chat.postMessage', kind, every: 2, times: 2 },
      { method: 'slack.chat.postMessage', kind, applied: true, times: 2 },
      { method: 'jira.search', kind, times: 2 },
      { method: 'slack.conversations.history', kind, times: 2 },
    ]);
    const dead = SLOTS.map((slot) => scene.fleet.process(slot).deaths);
    await scene.orders(6, 'odd');
    await scene.sound();
    expect(SLOTS.map((slot) => scene.fleet.process(slot).deaths)).toEqual(dead);
    // Nobody still listens to an answer that does not end.
    const settled = await scene.fleet.pool.query<{ at: Date }>('SELECT now() AS at');
    const idle = async (): Promise<number> => {
      const { rows } = await scene.fleet.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM heartbeats WHERE at > $1 AND service <> 'metrics-cron' AND detail->>'running' = '0'`,
        [settled.rows[0]?.at],
      );
      return rows[0]?.n ?? 0;
    };
    await scene.until('every run to have come to its end', async () => (await idle()) === WORKERS.length);
  });

  it('that is down uses up no attempt of any row', async () => {
    await scene.fleet.faults([{ method: '*', kind: 'error', status: 503 }]);
    const ids = await scene.orders(4, 'down');
    const failing = async (): Promise<readonly { kind: string; attempts: number }[]> => {
      const { rows } = await scene.fleet.pool.query<{ kind: string; attempts: number }>(
        `SELECT kind, attempts FROM effects WHERE deployment_id = ANY ($1::uuid[]) AND kind <> 'slack.reply' AND failing_since < now() - interval '2 seconds'`,
        [ids],
      );
      return rows;
    };
    await scene.until('every row to fail for a while', async () => (await failing()).length === 2 * ids.length);
    expect((await failing()).filter(({ attempts }) => attempts > 0)).toEqual([]);
    await scene.fleet.faults([]);
    await scene.sound();
  });

  it('that refuses one row for good: the row ends dead with the reason, and the others go on', async () => {
    // Refused while the others are not there yet.
    await scene.fleet.faults([{ method: 'jira.createIssue', kind: 'error', status: 400 }]);
    const poison = await scene.order('poison');
    scene.history.poisons.add(poison);
    const dead = async (): Promise<boolean> => {
      const { rows } = await scene.fleet.pool.query<{ phase: string }>(`SELECT phase FROM effects WHERE deployment_id = $1 AND kind = 'jira.ticket'`, [poison]);
      return rows[0]?.phase === 'dead';
    };
    await scene.until('the poison row to be dead', dead, 60_000);
    await scene.fleet.faults([]);
    await scene.orders(4, 'healthy');
    const { stored } = await scene.sound();
    expect(stored.effects.filter(({ phase }) => phase === 'dead').map(({ last_error }) => last_error)).toEqual([expect.stringMatching(/400/)]);
  });
});

describe('clocks and crons', () => {
  it.each([3_600_000, -3_600_000])('a clock of one process of each kind that is %d ms off changes nothing', async (offset) => {
    for (const slot of ['api-1', 'jira-worker-1', 'slack-worker-1', 'metrics-cron-1'] as const) scene.fleet.process(slot).shiftClock(offset);
    const ids = await scene.orders(4, 'clock');
    await Promise.all(ids.map((id) => scene.press(id, 'ALICE')));
    const { stored } = await scene.sound();
    expect(stored.deployments.map(({ status }) => status)).toEqual(ids.map(() => 'approved'));
  });

  it('without metrics-cron everything is delivered', async () => {
    for (const slot of CRONS) scene.fleet.process(slot).signal('SIGSTOP');
    const ids = await scene.orders(4, 'cron');
    await Promise.all(ids.map((id) => scene.press(id, 'BOB')));
    await scene.sound();
  });
});

describe('a start', () => {
  it.each(SLOTS.filter((slot) => slot.endsWith('-1')))('of %s without Postgres is repeated until it is there', async (slot) => {
    const process = scene.fleet.process(slot);
    const link = scene.fleet.link(`${slot}/postgres`);
    link.reset();
    const before = process.failures;
    process.signal('SIGKILL');
    await scene.until('a start that gives up', () => process.failures > before);
    link.pass();
    await process.ready();
    await scene.order('after');
    await scene.sound();
  });

  it('without Redis and without the vendors is a start all the same', async () => {
    const links = [...scene.fleet.links].filter(([name]) => /-1\/(redis|vendor)$/.test(name)).map(([, link]) => link);
    for (const link of links) link.reset();
    const mine = SLOTS.filter((slot) => slot.endsWith('-1')).map((slot) => scene.fleet.process(slot));
    const before = mine.map(({ deaths }) => deaths);
    for (const one of mine) one.signal('SIGKILL');
    await scene.until('all to be ended', () => mine.every(({ deaths }, index) => deaths > (before[index] ?? 0)));
    await Promise.all(mine.map((one) => one.ready()));
    await scene.orders(4, 'alone');
    for (const link of links) link.pass();
    await scene.sound();
  });
});

describe('a log that cannot be written', () => {
  it('stops nobody', async () => {
    const mine = ['api-1', 'jira-worker-1', 'slack-worker-1'] as const;
    for (const slot of mine) {
      scene.fleet.process(slot).logTo('/dev/full');
      scene.fleet.process(slot).signal('SIGKILL');
    }
    await scene.until('all to be ended', () => mine.every((slot) => scene.fleet.process(slot).deaths > 0));
    await scene.fleet.ready();
    const deaths = mine.map((slot) => scene.fleet.process(slot).deaths);
    const ids = await scene.orders(4, 'full-disk');
    await Promise.all(ids.map((id) => scene.press(id, 'ALICE')));
    await scene.sound();
    expect(mine.map((slot) => scene.fleet.process(slot).deaths)).toEqual(deaths);
    for (const slot of mine) scene.fleet.process(slot).logTo(scene.fleet.process(slot).logFile);
  });
});

describe('what has become of the memory', () => {
  it('no process has grown without measure by all that', async () => {
    const rss = (slot: Slot): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${scene.fleet.process(slot).pid}/status`, 'utf8'))?.[1]) / 1024;
    await waitFor(() => SLOTS.every((slot) => rss(slot) < 400), { what: 'all below 400 MB' });
  });
});
