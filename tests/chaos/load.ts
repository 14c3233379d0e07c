import { setTimeout as delay } from 'node:timers/promises';
import { newOrder } from './history.js';
import type { Scene } from './scene.js';

export interface LoadResult {
  readonly sent: number;
  /** Requests that were not answered, or not with what was asked for. */
  readonly failed: readonly string[];
  readonly ms: readonly number[];
}

/** One request in so many creates; all of them are delivered and judged afterwards, also where the load goes on for long. */
const CREATE_EVERY = 20;

/** Creates and reads at an even pace, each request once, for as long as `until` takes. */
export async function load(scene: Scene, perSecond: number, until: Promise<unknown>): Promise<LoadResult> {
  let running = true;
  until.then(
    () => (running = false),
    () => (running = false),
  );
  const failed: string[] = [];
  const ms: number[] = [];
  const pending = new Set<Promise<void>>();
  const { client } = scene;
  const startedAt = performance.now();
  let sent = 0;
  const one = async (index: number): Promise<void> => {
    const at = performance.now();
    const name = `load-${index}`;
    const body = { project: scene.project, environment: 'free', version: name, description: `Order ${name}`, metadata: { name }, requestedBy: null };
    const creates = index % CREATE_EVERY === 0;
    const answer = creates
      ? await client.orderOnce(newOrder(name, body, true), { 'idempotency-key': `${scene.project}-${name}` })
      : await client.get('/api/deployments?limit=1');
    ms.push(performance.now() - at);
    if (answer?.status !== (creates ? 201 : 200)) failed.push(`${creates ? 'POST' : 'GET'} ${answer?.status ?? 'no answer'} at ${Math.round(at - startedAt)} ms`);
  };
  // Read through a call: the compiler would take it for constant.
  const goesOn = (): boolean => running;
  while (goesOn()) {
    const due = ((performance.now() - startedAt) / 1000) * perSecond;
    for (; sent < due; sent += 1) {
      const promise = one(sent).finally(() => pending.delete(promise));
      pending.add(promise);
    }
    await delay(5);
  }
  await Promise.all(pending);
  return { sent, failed, ms };
}
