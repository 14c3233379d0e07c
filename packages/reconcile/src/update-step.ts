import type { CallOptions } from '@deptracker/resilience';
import { failpoint } from '@deptracker/runtime';
import { type Effect, type EffectPatch, distrustEffect, learnExternalId, recordEffect } from '@deptracker/store';
import { type EngineOptions, type RunResult, result } from './engine.js';
import { fail, record } from './record-run.js';
import type { Reconciler } from './reconciler.js';
import { afterSuccess, nextRecheckMs } from './settle.js';

/** Brings what stands outside up to date; closes duplicates and looks for them where that is due. */
export async function update(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  try {
    if (effect.extraIds.length > 0) await reconciler.closeExtras(effect, call);
    if (effect.desiredRevision > effect.appliedRevision || effect.confirmable) return await bringUp(engine, reconciler, effect, call);
    return await recheck(engine, reconciler, effect, call);
  } catch (error) {
    return fail(engine, reconciler, effect, 'update', error);
  }
}

async function bringUp(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  const updated = await reconciler.update(effect, call);
  failpoint('after_update_request');
  if (updated.state === 'gone') {
    const anew: EffectPatch = { phase: 'unsent', sends: 0, lookups: 0, nextInMs: 0, error: 'gone outside, made anew', failing: false, forget: true };
    const { due } = await record(engine, reconciler, effect, anew);
    return result('updated', effect, anew.error, due ? [effect.id] : []);
  }
  const patch = { ...afterSuccess(effect, updated.revision, engine.patience), closedIds: effect.extraIds };
  const { kept, due } = await engine.database.transaction(async (uow) => {
    const recorded = await recordEffect(uow, effect, patch);
    if (recorded.kept) await updated.save(uow);
    else await distrustEffect(uow, effect.id);
    return recorded;
  });
  return result(kept ? 'updated' : 'lost_lease', effect, null, due ? [effect.id] : []);
}

/** A row that was sent more than once is searched again later: the vendor may have applied both requests. */
async function recheck(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  const done: EffectPatch = { phase: 'sent', attempts: 0, nextInMs: null, error: null, failing: false, closedIds: effect.extraIds };
  const wasWaiting = nextRecheckMs(engine.patience, effect, effect.rechecks);
  if (wasWaiting === null || wasWaiting > 0) {
    await recordEffect(engine.database, effect, { ...done, nextInMs: wasWaiting });
    return result('updated', effect);
  }
  const found = (await reconciler.find([effect], call)).get(effect.id) ?? [];
  const extras = found.filter(({ externalId }) => externalId !== effect.externalId);
  const rechecks = effect.rechecks + 1;
  const patch = { ...done, rechecks, nextInMs: extras.length > 0 ? 0 : nextRecheckMs(engine.patience, effect, rechecks) };
  const { due } = await engine.database.transaction(async (uow) => {
    const recorded = await recordEffect(uow, effect, patch);
    for (const extra of extras) await learnExternalId(uow, effect.id, extra.externalId);
    return recorded;
  });
  return result('updated', effect, null, due ? [effect.id] : []);
}
