import type { CallOptions } from '@deptracker/resilience';
import { failpoint } from '@deptracker/runtime';
import type { Effect } from '@deptracker/store';
import { type EngineOptions, type RunResult, result } from './engine.js';
import { fail, record, recordCreated } from './record-run.js';
import type { Reconciler, Standing } from './reconciler.js';
import { afterSuccess } from './settle.js';

/** Sends an effect that was not sent: intent, at most one creating request, record. */
export async function create(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  let prepared;
  try {
    prepared = await reconciler.prepare(effect);
  } catch (error) {
    return fail(engine, reconciler, effect, 'prepare', error);
  }
  if (prepared.next === 'wait') {
    await record(engine, reconciler, effect, { phase: 'unsent', nextInMs: prepared.ms, error: prepared.reason, failing: true });
    return result('postponed', effect, prepared.reason);
  }
  if (prepared.next === 'give_up') {
    const { reason, discarded = false } = prepared;
    const over = { phase: 'dead', nextInMs: null, error: reason } as const;
    await record(engine, reconciler, effect, discarded ? { ...over, failing: false, discarded } : { ...over, failing: true });
    return result(discarded ? 'discarded' : 'dead', effect, reason);
  }
  const askedAt = performance.now();
  // The lease must outlive a breaker's trial (half a time-out of waiting, one of asking) and the request itself.
  if (!(await engine.effects.intend(effect, 2.5 * engine.timeoutMs))) return result('lost_lease', effect);
  failpoint('after_intent');
  let standing: Standing;
  try {
    standing = await prepared.send({ ...call, maxWaitMs: engine.timeoutMs / 2, sendBefore: askedAt + 1.5 * engine.timeoutMs });
  } catch (error) {
    return fail(engine, reconciler, effect, 'create', error);
  }
  failpoint('after_vendor_request');
  const sent = { ...effect, sends: effect.sends + 1, sentAt: effect.now };
  const { kept, due } = await recordCreated(engine, reconciler, effect, afterSuccess(sent, prepared.revision, engine.patience), standing);
  return result(kept ? 'sent' : 'lost_lease', effect, null, due ? [effect.id] : []);
}
