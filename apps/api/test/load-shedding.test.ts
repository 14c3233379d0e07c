import { waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventLoopDelay } from '../dist/http/load-shedding.js';
import { type TestApi, startTestApi } from './support/start-test-api.js';
import { TEAM } from './support/slack-stub.js';

const LIMIT = 3;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ SHED_POOL_WAITING: String(LIMIT), DB_MAX_OPEN_CONNS: '2' });
});
afterAll(() => api.stop());

let asked = 0;
/** Of single deployments any number share two connections, and of equal lists one; each other list needs one of its own. */
const list = () => api.call('GET', `/api/deployments?project=project-${(asked += 1)}`);

/** Requests that were sent away so far. */
async function shed(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', api.url))).text();
  return Number(/^http_shed_total\{.*pressure="pool".*\} (\d+)$/m.exec(text)?.[1]);
}

/** Locks the deployments while `work` goes on, so that every connection of the API is kept waiting. */
function locked<T>(work: () => Promise<T>): Promise<T> {
  return api.database.transaction(async (uow) => {
    await uow.query('LOCK TABLE deployments IN ACCESS EXCLUSIVE MODE');
    return work();
  });
}

/** Two hold the connections, the others wait for one; how each ends depends on how long the lock is held. */
const crowd = () => Array.from({ length: 2 + LIMIT }, list);

describe('an API that is asked more than it can do', () => {
  it('sends callers away at once, not those who wait already, and is back as soon as it can', async () => {
    const waiting = await locked(async () => {
      const waiting = crowd();
      const refused = await waitFor(
        async () => {
          const answer = await list();
          return answer.body.type === '/problems/overloaded' && answer;
        },
        { what: 'a refusal' },
      );
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect((await fetch(new URL('/health/live', api.url))).status).toBe(200);
      return waiting;
    });
    const [first] = await Promise.all(waiting);
    expect(first?.body.type).not.toBe('/problems/overloaded');
    expect((await list()).status).toBe(200);
    expect(await shed()).toBeGreaterThan(0);
  });

  it('takes a click all the same', async () => {
    const { id } = await api.create();
    const [click, ...others] = await locked(async () => {
      const waiting = crowd();
      await waitFor(async () => (await list()).body.type === '/problems/overloaded', { what: 'a refusal' });
      const action = { type: 'button', action_id: 'deptracker_approve', value: id, action_ts: '1.1' };
      return [api.press({ type: 'block_actions', team: { id: TEAM }, user: { id: 'UALICE' }, actions: [action] }), ...waiting];
    });
    await Promise.all(others);
    expect((await click)?.body.type).not.toBe('/problems/overloaded');
  });
});

describe('the delay of the event loop', () => {
  it('is next to nothing while there is nothing to do, and what it is where each turn takes long', async () => {
    const delay = eventLoopDelay();
    await waitFor(() => delay.now() < 20, { what: 'a quiet loop' });
    const turn = setInterval(() => {
      const until = performance.now() + 100;
      while (performance.now() < until);
    }, 1);
    await waitFor(() => delay.now() >= 50, { what: 'a busy loop' }).finally(() => clearInterval(turn));
    delay.close();
  });
});
