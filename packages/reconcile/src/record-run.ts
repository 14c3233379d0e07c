import { failpoint } from '@deptracker/runtime';
import { type Effect, type EffectPatch, doubtEffect, learnExternalId, recordEffect } from '@deptracker/store';
import { type EngineOptions, type RunResult, result } from './engine.js';
import type { Reconciler, Standing } from './reconciler.js';
import { type Step, afterFailure } from './settle.js';

/** Records a patch, with what belongs into the same transaction. */
export async function record(
  engine: EngineOptions,
  reconciler: Reconciler,
  effect: Effect,
  patch: EffectPatch,
  standing: Standing | null = null,
  extras: readonly Standing[] = [],
): Promise<{ kept: boolean; due: boolean }> {
  failpoint('before_write_back');
  return engine.database.transaction(async (uow) => {
    let stands = false;
    if (standing !== null) {
      const first = await learnExternalId(uow, effect.id, standing.externalId);
      stands = first === standing.externalId;
      // What another run has learned first stands; ours is a duplicate by now, to be closed.
      if (stands) await standing.save(uow);
      for (const extra of extras) await learnExternalId(uow, effect.id, extra.externalId);
      if (!stands || extras.length > 0) patch = { ...patch, nextInMs: 0 };
    }
    const recorded = await recordEffect(uow, effect, patch);
    // What stands is told without the lease too: whoever holds it has not learned it.
    if (recorded.kept || stands) await reconciler.settled?.(uow, effect, patch.phase);
    return recorded;
  });
}

/**
 * Records that an effect was sent. The common case, in which nobody else has learned or done anything meanwhile, is
 * recorded together with those of other runs; everything else by itself.
 */
export async function recordCreated(
  engine: EngineOptions,
  reconciler: Reconciler,
  effect: Effect,
  patch: EffectPatch & { readonly appliedRevision: number },
  standing: Standing,
): Promise<{ kept: boolean; due: boolean }> {
  const { externalId, kept } = standing;
  if (kept !== undefined) {
    failpoint('before_write_back');
    const { appliedRevision, nextInMs } = patch;
    const together = await engine.effects.sent({ id: effect.id, fence: effect.fence, externalId, appliedRevision, nextInMs, kept });
    if (together !== null) return { kept: true, due: together.due };
  }
  return record(engine, reconciler, effect, patch, standing);
}

/** Records a failure of a step as the schedule has it. */
export async function fail(engine: EngineOptions, reconciler: Reconciler, effect: Effect, step: Step, error: unknown): Promise<RunResult> {
  const patch = afterFailure(effect, step, error, engine.patience);
  const { kept } = await record(engine, reconciler, effect, patch);
  if (!kept) {
    // The edit may be applied late, over that of whoever holds the lease by now.
    if (typeof patch.confirmInMs === 'number') await doubtEffect(engine.database, effect.id, patch.confirmInMs);
    return result('lost_lease', effect, patch.error);
  }
  const { phase } = patch;
  return result(phase === 'dead' || phase === 'held' || (phase === 'unknown' && step === 'create') ? phase : 'failed', effect, patch.error);
}
