import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Slot } from '../fleet/slots.js';
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

const APIS: readonly Slot[] = ['api-1', 'api-2'];
const JIRA: readonly Slot[] = ['jira-worker-1', 'jira-worker-2'];
const SLACK: readonly Slot[] = ['slack-worker-1', 'slack-worker-2'];

const deaths = (slots: readonly Slot[]): number => slots.reduce((sum, slot) => sum + scene.fleet.process(slot).deaths, 0);

function arm(slots: readonly Slot[], rules: string): void {
  for (const slot of slots) scene.fleet.process(slot).arm(rules);
}

/** Arms both replicas, lets `work` happen, and makes sure that the point was hit. */
async function dying(slots: readonly Slot[], rules: string, work: () => Promise<unknown>): Promise<void> {
  const before = deaths(slots);
  arm(slots, rules);
  await work();
  await scene.until(`${rules} to be hit`, () => deaths(slots) > before);
  arm(slots, '');
}

/** The project is there: the next commit of an API is that of a deployment, not of its project. */
const known = (): Promise<string> => scene.order('first');

describe('the API', () => {
  it('is killed right after the commit: what was committed is there once, and the caller who asks again is told of it', async () => {
    await known();
    await dying(APIS, 'after_commit:SIGKILL', () => scene.orders(6, 'after-commit'));
    const { stored } = await scene.sound();
    expect(stored.deployments).toHaveLength(7);
  });

  it('is killed before the commit: there is no effect without its deployment, and no deployment without its effects', async () => {
    await known();
    await dying(APIS, 'before_commit:SIGKILL', () => scene.orders(6, 'before-commit'));
    await scene.sound();
  });

  it('is killed before the jobs are queued: they are done all the same', async () => {
    const before = deaths(APIS);
    arm(APIS, 'before_offer:SIGKILL');
    // An API that has just been started does not know yet that there is room for jobs, and promises none.
    let round = 0;
    await scene.until('before_offer:SIGKILL to be hit', async () => {
      round += 1;
      await scene.orders(2, `before-offer-${round}`);
      return deaths(APIS) > before;
    });
    arm(APIS, '');
    await scene.sound();
  });

  it('loses the answers to its commits under 50 posts of one order: one deployment', async () => {
    for (const slot of APIS) scene.fleet.link(`${slot}/postgres`).dropAnswer();
    const posts = Array.from({ length: 50 }, () => scene.client);
    const name = 'fifty';
    const first = scene.order(name, { source: 'ci', externalId: `${scene.project}-fifty` });
    const others = posts.slice(1).map(() => scene.order(name));
    await scene.until('a lost answer', () => scene.history.timings.some(({ status }) => status === 503));
    for (const slot of APIS) scene.fleet.link(`${slot}/postgres`).pass();
    const ids = await Promise.all([first, ...others]);
    expect(new Set(ids).size).toBe(1);
    const { stored } = await scene.sound();
    expect(stored.deployments).toHaveLength(1);
  });

  it('is killed between a decision and its acknowledgement: who presses again is counted once', async () => {
    const id = await scene.order('click', { environment: 'quorum' });
    await scene.messageOf(id);
    await dying(APIS, 'after_decision:SIGKILL', () => scene.press(id, 'ALICE'));
    // Who asked for it may not decide, also while one voice is missing.
    await scene.press(id, 'CAROL');
    await Promise.all([scene.press(id, 'BOB', 'approve', true), scene.press(id, 'DAVE')]);
    const { stored } = await scene.sound();
    expect(stored.decisions).toHaveLength(2);
    expect(stored.deployments[0]?.status).toBe('approved');
  });

  it('is killed before a decision is committed: the press is not acknowledged, and counts when it is repeated', async () => {
    const id = await scene.order('uncommitted');
    await scene.messageOf(id);
    await dying(APIS, 'before_commit:SIGKILL', () => scene.press(id, 'ALICE'));
    const { stored } = await scene.sound();
    expect(stored.decisions.map(({ actor }) => actor)).toEqual(['alice@example.com']);
  });
});

describe('a worker', () => {
  it.each([
    ['between the intent and the request', 'after_intent:SIGKILL'],
    ['between the answer and its record', 'after_vendor_request:SIGKILL'],
    ['after it has claimed', 'after_claim:SIGKILL'],
    ['between marking effects as queued and queueing them', 'after_take:SIGKILL'],
  ])('is killed %s: one ticket, one message in the end', async (_where, rules) => {
    // What the API cannot queue is for the workers' top-up.
    if (rules.startsWith('after_take')) for (const slot of APIS) scene.fleet.link(`${slot}/redis`).blackhole();
    await dying([...JIRA, ...SLACK], rules, () => scene.orders(6, 'worker'));
    await scene.sound();
  });

  it.each([
    ['before it asks', 'during_look_up:SIGKILL'],
    ['with the answer in its hand', 'after_look_up:SIGKILL'],
  ])('is killed in a look-up, %s: the outcome stays unknown, and there is one of each in the end', async (_where, rules) => {
    await scene.fleet.faults([
      { method: 'jira.createIssue', kind: 'drop_after', times: 4 },
      { method: 'slack.chat.postMessage', kind: 'drop_after', times: 4 },
    ]);
    await dying([...JIRA, ...SLACK], rules, () => scene.orders(4, 'look-up'));
    await scene.sound();
  });

  it('is killed between the intent and the request that repeats a lost one: what is held has been looked for twice since', async () => {
    scene.fleet.process('jira-worker-2').signal('SIGSTOP');
    await scene.fleet.faults([{ method: 'jira.createIssue', kind: 'reset', times: 1 }]);
    await dying(['jira-worker-1'], 'after_intent:SIGKILL@2', () => scene.order('lost-twice'));
    const { stored } = await scene.sound();
    expect(stored.effects.find(({ kind }) => kind === 'jira.ticket')?.phase).toBe('held');
  });

  it('loses the answers to its comments: each stands once on its ticket', async () => {
    const ids = await scene.orders(4, 'comment', { environment: 'free' });
    await scene.sound();
    await scene.fleet.faults([{ method: 'jira.addComment', kind: 'drop_after', times: 6 }]);
    await Promise.all(ids.map((id) => scene.update(id, 'in_progress')));
    const { stored } = await scene.sound();
    const comments = stored.effects.filter(({ kind }) => kind === 'jira.comment');
    expect(comments.map(({ event_revision: revision }) => revision)).toEqual(ids.map(() => 2));
  });

  it('sleeps past its lease with the answer in its hand: it does not overwrite its successor, and what it learned is not lost', async () => {
    arm([...JIRA, ...SLACK], 'after_vendor_request:SIGSTOP');
    const ids = await scene.orders(6, 'sleeper');
    const claimedAnew = async (): Promise<boolean> => {
      const { rows } = await scene.fleet.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM effects WHERE deployment_id = ANY($1::uuid[]) AND phase = 'sending' AND lease_until < now()`,
        [ids],
      );
      return (rows[0]?.n ?? 0) > 0;
    };
    await scene.until('a lease to lapse in the hands of a sleeper', claimedAnew);
    arm([...JIRA, ...SLACK], '');
    for (const slot of [...JIRA, ...SLACK]) scene.fleet.process(slot).signal('SIGCONT');
    await scene.sound();
  });

  it('sleeps between the intent and the request until others have asked anew: it does not send when it wakes', async () => {
    const sleepers = [scene.fleet.process('jira-worker-1'), scene.fleet.process('slack-worker-1')];
    const successors = [scene.fleet.process('jira-worker-2'), scene.fleet.process('slack-worker-2')];
    for (const one of successors) one.signal('SIGSTOP');
    for (const one of sleepers) one.arm('after_intent:SIGSTOP');
    const logs = sleepers.map(({ logFile }) => ({ logFile, from: statSync(logFile).size }));
    await scene.order('sleeper');
    const asleep = async (): Promise<boolean> => {
      const { rows } = await scene.fleet.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM effects JOIN deployments d ON d.id = deployment_id
         WHERE d.project = $1 AND phase = 'sending' AND lease_until < now() AND effects.kind IN ('jira.ticket', 'slack.approval')`,
        [scene.project],
      );
      return rows[0]?.n === 2;
    };
    await scene.until('both leases to lapse', asleep);
    for (const one of successors) one.signal('SIGCONT');
    await scene.sound();
    for (const one of sleepers) one.heal();
    const awake = (): boolean => logs.every(({ logFile, from }) => readFileSync(logFile).subarray(from).includes('effect lost_lease'));
    await scene.until('both to have seen that they are late', awake);
    await scene.sound();
  });
});
