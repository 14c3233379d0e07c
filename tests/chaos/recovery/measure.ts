import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { type EffectRow, isSettled } from '../check/stored.js';
import type { Timing } from '../history.js';
import type { Scene } from '../scene.js';
import { type Unknowns, countUnknowns } from '../unknowns.js';
import { startLoad } from './steady-load.js';
import type { TableFault } from './table.js';

const WARM_MS = 1_000;
/** So long nothing may have gone wrong for it to count as normal: longer than a caller waits for an answer. */
const CALM_MS = 3_500;
const SLOW_MS = 1_000;
/** Longer than a worker's own watchdog waits. */
const MOST_MS = 120_000;

export interface Measured {
  /** Milliseconds from the end of the fault until the first request after which all are answered; slow ones are counted, not waited for. */
  readonly answersMs: number;
  /** Milliseconds from the end of the fault until all that was owed then is done. */
  readonly owedMs: number;
  readonly answered: number;
  readonly sentAway: number;
  readonly failed: number;
  readonly slow: number;
  readonly unknowns: Unknowns;
}

type Verdict = 'answered' | 'sentAway' | 'failed';

function verdictOf({ status, retryAfter }: Timing): Verdict {
  if (status >= 200 && status < 300) return 'answered';
  return status === 503 && Number(retryAfter) > 0 ? 'sentAway' : 'failed';
}

const isBad = (timing: Timing): boolean => verdictOf(timing) !== 'answered';

/** The moment of the last request that went wrong, or of the fault's end where none did later. */
const lastBadAt = (timings: readonly Timing[], since: number): number => Math.max(since, ...timings.filter(isBad).map(({ at }) => at));

async function owed(pool: pg.Pool, project: string): Promise<EffectRow[]> {
  for (;;) {
    try {
      const { rows } = await pool.query<EffectRow>('SELECT * FROM effects WHERE deployment_id IN (SELECT id FROM deployments WHERE project = $1)', [project]);
      return rows;
    } catch {
      // Postgres is what was hurt.
      await delay(20);
    }
  }
}

/** A row that has caught up with what it owed then, whatever it owes by now; a search for duplicates to come is no debt. */
function isDone(now: EffectRow | undefined, then: EffectRow): boolean {
  if (now === undefined || isSettled(now)) return true;
  return now.phase === 'sent' && now.kind !== 'slack.notice' && now.applied_revision >= then.desired_revision && now.extra_ids.length === 0;
}

/** Waits until all that is owed now is done; the milliseconds since `since`. */
async function untilDone({ fleet, project }: Scene, since: number): Promise<number> {
  let open = (await owed(fleet.pool, project)).filter((row) => !isDone(row, row));
  while (open.length > 0) {
    if (performance.now() - since > MOST_MS) throw new Error(`${open.length} effects are not done ${MOST_MS} ms after the fault: ${JSON.stringify(open[0])}`);
    await delay(50);
    const rows = new Map((await owed(fleet.pool, project)).map((row) => [row.id, row]));
    open = open.filter((row) => !isDone(rows.get(row.id), row));
  }
  return performance.now() - since;
}

async function untilCalm({ history }: Scene, since: number): Promise<void> {
  while (performance.now() - lastBadAt(history.timings, since) <= CALM_MS) {
    if (performance.now() - since > MOST_MS) throw new Error(`Requests still fail ${MOST_MS} ms after the fault: ${JSON.stringify(history.timings.filter(isBad).at(-1))}`);
    await delay(20);
  }
}

/** From the end of the fault to the first request after the last one that went wrong. */
function answersAgainMs(timings: readonly Timing[], since: number): number {
  const bad = lastBadAt(timings, since);
  return bad === since ? 0 : Math.min(...timings.filter(({ at }) => at > bad).map(({ at }) => at)) - since;
}

/** Lets one fault happen under a steady load, and waits until nothing is left of it. Throws where a promise is broken. */
export async function measure(scene: Scene, fault: TableFault): Promise<Measured> {
  await scene.begin(2 * MOST_MS);
  const load = startLoad(scene);
  await delay(WARM_MS);
  await fault.hurt(scene);
  const end = performance.now();
  const [owedMs] = await Promise.all([untilDone(scene, end), untilCalm(scene, end)]);
  await load.stop();
  await fault.also?.(scene);
  const { stored } = await scene.sound(MOST_MS);
  const { timings } = scene.history;
  const count = (verdict: Verdict): number => timings.filter((timing) => verdictOf(timing) === verdict).length;
  return {
    answersMs: answersAgainMs(timings, end),
    owedMs,
    answered: count('answered'),
    sentAway: count('sentAway'),
    failed: count('failed'),
    slow: timings.filter((timing) => verdictOf(timing) !== 'failed' && timing.ms > SLOW_MS).length,
    unknowns: await countUnknowns(scene.fleet.pool, stored.effects.map(({ id }) => id)),
  };
}
