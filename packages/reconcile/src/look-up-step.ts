import type { CallOptions } from '@deptracker/resilience';
import { failpoint } from '@deptracker/runtime';
import { type Effect, claimUnknown } from '@deptracker/store';
import { type EngineOptions, type RunResult, result } from './engine.js';
import { fail, record } from './record-run.js';
import type { Reconciler, Standing } from './reconciler.js';
import { afterQuietLookup, afterSuccess } from './settle.js';

/** Looks up what became of requests whose answers are lost, for this effect and others like it. */
export async function lookUp(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  const others = reconciler.lookupBatch > 1
    ? await claimUnknown(engine.database, effect, reconciler.lookupBatch - 1, engine.leaseMs)
    : [];
  const batch = [effect, ...others];
  failpoint('during_look_up');
  let found: ReadonlyMap<string, readonly Standing[]>;
  try {
    found = await reconciler.find(batch, call);
  } catch (error) {
    const results = [];
    for (const one of batch) results.push(await fail(engine, reconciler, one, 'find', error));
    return results[0] ?? result('failed', effect);
  }
  failpoint('after_look_up');
  const again: string[] = [];
  let first: RunResult | undefined;
  for (const one of batch) {
    const [standing, ...extras] = found.get(one.id) ?? [];
    // What was found shows some revision that we cannot know: it is brought up to date next.
    const patch = standing === undefined ? afterQuietLookup(one, engine.patience) : afterSuccess(one, standing.final === true ? one.desiredRevision : 0, engine.patience);
    const { due } = await record(engine, reconciler, one, patch, standing ?? null, extras);
    if (due) again.push(one.id);
    const outcome = standing !== undefined ? 'sent' : patch.phase === 'held' ? 'held' : 'unknown';
    first ??= result(outcome, one, patch.error, again);
  }
  return first ?? result('nothing', effect);
}
