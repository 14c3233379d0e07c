import { setTimeout as delay } from 'node:timers/promises';
import { Client, PEOPLE } from './client.js';
import type { ChaosFleet } from './fleet/chaos-fleet.js';
import { History, type Order, newOrder } from './history.js';
import type { Ledger } from './ledger.js';
import { play, setWeather } from './play-fault.js';
import type { PlannedOrder, Schedule } from './schedule.js';

/** How long callers go on asking after the faults are over. */
const PATIENCE_MS = 30_000;
const BATCH_WAIT_MS = 15_000;

export interface Performed {
  readonly history: History;
  /** Milliseconds from the end of the faults until every process was ready again. */
  readonly healedMs: number;
}

interface Stage {
  readonly fleet: ChaosFleet;
  readonly ledger: Ledger;
  readonly project: string;
  readonly client: Client;
  readonly history: History;
  readonly open: () => boolean;
}

function bodyOf({ environment, requester, key }: PlannedOrder, project: string, name: string): Order['body'] {
  const natural = key === 'natural' || key === 'both' ? { source: 'chaos', externalId: name } : {};
  const body = { project, environment, version: name, description: `Order ${name}`, metadata: { name }, requestedBy: requester };
  return { ...body, ...natural };
}

/** Presses a button as soon as its message stands outside. */
async function pressAll(stage: Stage, planned: PlannedOrder, deploymentId: string): Promise<void> {
  const { fleet, ledger, client, open } = stage;
  let effectId: string | undefined;
  let ts: string | undefined;
  while (ts === undefined && open()) {
    // Postgres may be what is hurt.
    effectId ??= (
      await fleet.pool
        .query<{ id: string }>(`SELECT id FROM effects WHERE deployment_id = $1 AND kind = 'slack.approval'`, [deploymentId])
        .catch(() => null)
    )?.rows[0]?.id;
    ts = effectId === undefined ? undefined : ledger.read().postsOf(effectId).find(({ deleted }) => !deleted)?.ts;
    if (ts === undefined) await delay(50);
  }
  if (ts === undefined) return;
  const at = ts;
  await Promise.all(
    planned.presses.map(async ({ after, person, decision, twice }) => {
      await delay(after);
      await client.press({ deploymentId, email: PEOPLE[person], decision, acknowledged: false }, at, person, twice);
    }),
  );
}

async function live(stage: Stage, planned: PlannedOrder, deploymentId: string): Promise<void> {
  const pressed = planned.environment === 'free' ? Promise.resolve() : pressAll(stage, planned, deploymentId);
  const updated = (async (): Promise<void> => {
    for (const { after, status } of planned.updates) {
      await delay(after);
      await stage.client.update({ deploymentId, status, answer: null });
    }
  })();
  await Promise.all([pressed, updated]);
}

async function single(stage: Stage, planned: PlannedOrder, name: string): Promise<void> {
  await delay(planned.at);
  const keyed = planned.key !== 'none';
  const order = newOrder(name, bodyOf(planned, stage.project, name), keyed);
  const headers: Record<string, string> = planned.key === 'natural' || !keyed ? {} : { 'idempotency-key': `${stage.project}-${name}` };
  const posters = keyed ? planned.posters : 1;
  // The same order from several at once: their answers go into one record.
  const ids = await Promise.all(Array.from({ length: posters }, () => stage.client.order(order, headers)));
  const id = ids.find((one) => one !== null);
  if (id !== undefined && id !== null) await live(stage, planned, id);
}

async function batch(stage: Stage, planned: readonly { planned: PlannedOrder; name: string }[]): Promise<void> {
  if (planned.length === 0) return;
  await delay(Math.min(...planned.map((one) => one.planned.at)));
  const orders = planned.map((one) => newOrder(one.name, bodyOf(one.planned, stage.project, one.name), true));
  const ids = await stage.client.batch(orders, `${stage.project}-batch`);
  await Promise.all(
    planned.map((one, index) => {
      const id = ids[index];
      return id === null || id === undefined ? Promise.resolve() : live(stage, one.planned, id);
    }),
  );
}

/** Lives through a schedule: callers and faults at once, then all faults end and the callers get their answers. */
export async function perform(fleet: ChaosFleet, ledger: Ledger, schedule: Schedule, project: string): Promise<Performed> {
  const history = new History();
  let end = performance.now() + PATIENCE_MS + BATCH_WAIT_MS;
  const open = (): boolean => performance.now() < end;
  const stage: Stage = { fleet, ledger, project, history, open, client: new Client(fleet.url, history, open) };
  await setWeather(fleet, schedule.latencyMs);
  const named = schedule.orders.map((planned, index) => ({ planned, name: `o${index}` }));
  const callers = Promise.all([
    ...named.filter(({ planned }) => planned.key !== 'batch').map(({ planned, name }) => single(stage, planned, name)),
    batch(stage, named.filter(({ planned }) => planned.key === 'batch')),
  ]);
  // Awaited below; a rejection before that is not unhandled.
  callers.catch(() => undefined);
  await Promise.all(schedule.faults.map((fault) => play(fleet, fault)));
  const over = performance.now();
  await fleet.heal();
  const healedMs = performance.now() - over;
  end = performance.now() + PATIENCE_MS;
  await callers;
  return { history, healedMs };
}
