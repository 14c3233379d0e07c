import { setTimeout as delay } from 'node:timers/promises';
import { type Client, PEOPLE } from '../client.js';
import { newOrder } from '../history.js';
import type { Scene } from '../scene.js';

/** Requests a second, without the repetitions; what it creates must be less than the fleet can deliver. */
const RATE = Number(process.env['RATE'] ?? 20);
/** Callers come again after as long as the API asks for at least. */
const AGAIN_MS = 1_000;
const PATIENCE_MS = 60_000;

export interface SteadyLoad {
  /** Sends nothing new any more; resolves when every caller has got what it came for. */
  stop(): Promise<void>;
}

async function create(scene: Scene, client: Client, name: string, environment: string): Promise<string | null> {
  const body = { project: scene.project, environment, version: name, description: `Order ${name}`, metadata: { name }, requestedBy: 'carol@example.com' };
  return client.order(newOrder(name, body, true), { 'idempotency-key': `${scene.project}-${name}` });
}

/** Somebody is asked, and presses as soon as the message stands. */
async function createAndPress(scene: Scene, client: Client, name: string): Promise<void> {
  const deploymentId = await create(scene, client, name, 'production');
  if (deploymentId === null) return;
  const ts = await scene.messageOf(deploymentId, PATIENCE_MS);
  await client.press({ deploymentId, email: PEOPLE.ALICE, decision: 'approve', acknowledged: false }, ts, 'ALICE', false);
}

/** Of ten requests seven read, two create and one creates what somebody has to approve; until it is stopped. */
export function startLoad(scene: Scene): SteadyLoad {
  const client = scene.clientOf(AGAIN_MS);
  const pending = new Set<Promise<unknown>>();
  const startedAt = performance.now();
  const stopping = new AbortController();
  let sent = 0;
  const one = (index: number): Promise<unknown> => {
    if (index % 10 === 0) return createAndPress(scene, client, `load-${index}`);
    return index % 10 === 3 || index % 10 === 7 ? create(scene, client, `load-${index}`, 'free') : client.get('/api/deployments?limit=1');
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const due = ((performance.now() - startedAt) / 1000) * RATE;
      for (; sent < due; sent += 1) {
        const promise = one(sent).finally(() => pending.delete(promise));
        // Awaited at the end.
        promise.catch(() => undefined);
        pending.add(promise);
      }
      await delay(10);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      await Promise.all(pending);
    },
  };
}
