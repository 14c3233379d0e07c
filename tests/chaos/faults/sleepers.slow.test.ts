import { readFileSync } from 'node:fs';
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

/** Whether the one ticket that is owed is in such a state. */
async function isTicket(where: string): Promise<boolean> {
  const { rows } = await scene.fleet.pool.query(
    `SELECT 1 FROM effects e JOIN deployments d ON d.id = e.deployment_id WHERE d.project = $1 AND e.kind = 'jira.ticket' AND ${where}`,
    [scene.project],
  );
  return rows.length === 1;
}

const JIRA = ['jira-worker-1', 'jira-worker-2'] as const;
const SLACK = ['slack-worker-1', 'slack-worker-2'] as const;

const deaths = (slots: readonly Slot[]): number => slots.reduce((sum, slot) => sum + scene.fleet.process(slot).deaths, 0);

function arm(slots: readonly Slot[], rules: string): void {
  for (const slot of slots) scene.fleet.process(slot).arm(rules);
}

const isStopped = (pid: number): boolean => /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

describe('a worker that is killed', () => {
  it('before it writes back leaves one ticket and one message in the end', async () => {
    const before = deaths([...JIRA, ...SLACK]);
    arm([...JIRA, ...SLACK], 'before_write_back:SIGKILL');
    await scene.orders(6, 'write-back');
    await scene.until('somebody to be killed', () => deaths([...JIRA, ...SLACK]) > before);
    arm([...JIRA, ...SLACK], '');
    await scene.sound();
  });

  it('five times in mid-effect has used up no attempt', async () => {
    const before = deaths(JIRA);
    arm(JIRA, 'after_claim:SIGKILL');
    const ordered = scene.order('five');
    for (let kills = 1; kills <= 5; kills += 1) {
      await scene.until(`kill ${kills}`, () => deaths(JIRA) >= before + kills);
      if (kills < 5) arm(JIRA, 'after_claim:SIGKILL');
    }
    // Before it succeeds, which would forgive them.
    const { rows } = await scene.fleet.pool.query<{ attempts: number }>(
      `SELECT attempts FROM effects JOIN deployments d ON d.id = deployment_id WHERE d.project = $1 AND kind = 'jira.ticket'`,
      [scene.project],
    );
    expect(rows).toEqual([{ attempts: 0 }]);
    arm(JIRA, '');
    await ordered;
    await scene.sound();
  });
});

describe('a worker that sleeps past its lease', () => {
  it('with a failure in its hand does not undo what its successor has done: what that one has sent is not sent again', async () => {
    const [sleeper, successor] = [scene.fleet.process('jira-worker-1'), scene.fleet.process('jira-worker-2')];
    successor.signal('SIGSTOP');
    // Surely not applied: its run would put the row back to where it may be sent.
    await scene.fleet.faults([{ method: 'jira.createIssue', kind: 'rate_limit', retryAfter: 1, times: 1 }]);
    sleeper.arm('before_write_back:SIGSTOP');
    await scene.order('sleeper');
    await scene.until('the lease to lapse in the hands of the sleeper', () => isTicket(`phase = 'sending' AND lease_until < now()`));
    // Applied, but nobody is told.
    await scene.fleet.faults([{ method: 'jira.createIssue', kind: 'drop_after', times: 1 }]);
    successor.signal('SIGCONT');
    await scene.until('the successor to have lost an answer', () => isTicket(`phase = 'unknown' AND sends = 2 AND lookups = 0`));
    sleeper.heal();
    await scene.sound();
  });
});

describe('a worker that wakes with the answer in its hand', () => {
  it('tells what it has learned, also where no look-up can see it yet: nothing is sent again', async () => {
    const [sleeper, successor] = [scene.fleet.process('jira-worker-1'), scene.fleet.process('jira-worker-2')];
    await scene.fleet.faults([{ method: 'jira.search', searchLagMs: 20_000 }]);
    successor.signal('SIGSTOP');
    sleeper.arm('after_vendor_request:SIGSTOP');
    await scene.order('learned');
    await scene.until('the lease to lapse in the hands of the sleeper', () => isTicket(`phase = 'sending' AND lease_until < now()`));
    successor.arm('after_look_up:SIGSTOP');
    successor.signal('SIGCONT');
    await scene.until('the successor to have looked in vain', async () => (await isTicket('fence = 2')) && isStopped(successor.pid));
    sleeper.heal();
    await scene.until('it to be known', () => isTicket('e.external_id IS NOT NULL'));
    successor.heal();
    await scene.sound();
  });
});

describe('an edit whose answer is lost', () => {
  it('and that is applied after a newer one does not stay: the message shows where the deployment stands', async () => {
    const id = await scene.order('late', { environment: 'quorum' });
    const ts = await scene.messageOf(id);
    await scene.sound();
    // Longer than a time-out, and than the newer edit takes.
    await scene.fleet.faults([{ method: 'slack.chat.update', latencyMs: 1_500, times: 1 }]);
    await scene.press(id, 'ALICE');
    const unanswered = async (): Promise<boolean> => {
      const { rows } = await scene.fleet.pool.query(`SELECT 1 FROM effects WHERE deployment_id = $1 AND kind = 'slack.approval' AND failing_since IS NOT NULL`, [id]);
      return rows.length === 1;
    };
    await scene.until('the time-out', unanswered);
    const edits = scene.ledger.read().editsOf(ts);
    await scene.press(id, 'BOB');
    await scene.until('the newer edit and the late one', () => scene.ledger.read().editsOf(ts) >= edits + 2);
    await scene.sound();
  });
});
