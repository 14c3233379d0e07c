import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
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
