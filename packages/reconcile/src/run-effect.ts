import type { CallOptions, Permit, Vendor } from '@deptracker/resilience';
import {
  type Database,
  type Effect,
  type EffectPatch,
  claimEffect,
  claimUnknown,
  distrustEffect,
  findEffect,
  intendToSend,
  learnExternalId,
  postponeEffect,
  recordEffect,
} from '@deptracker/store';
import type { Gatherer, Reconciler, Standing } from './reconciler.js';
import { type Patience, type Step, afterFailure, afterQuietLookup, afterSuccess, nextRecheckMs } from './settle.js';

export interface EngineOptions {
  readonly database: Database;
  readonly vendor: Vendor;
  readonly reconcilers: Readonly<Record<string, Reconciler | Gatherer>>;
  readonly patience: Patience;
  readonly leaseMs: number;
  /** The longest that one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborted when the process drains and time is up. */
  readonly signal: AbortSignal;
  /** Groups that this process is looking up now; one look-up serves all of a group. */
  readonly lookingUp: Set<string>;
}

/** How a run ended, as a value. `again` names effects that are due at once. */
export interface RunResult {
  readonly outcome: 'nothing' | 'postponed' | 'sent' | 'updated' | 'unknown' | 'failed' | 'dead' | 'held' | 'gathered' | 'lost_lease';
  readonly effect: Effect | null;
  readonly error: string | null;
  readonly again: readonly string[];
}

// How long a job may wait for a permit before its row is put off instead: the more urgent, the more patient.
const MAX_WAIT_MS: Readonly<Record<number, number>> = { 1: 5_000, 2: 2_000, 3: 1_000 };

// The look-up that is under way takes every row that is due when it starts; one that came later waits for the next.
const LOOKED_UP_SOON_MS = 500;

const result = (outcome: RunResult['outcome'], effect: Effect | null = null, error: string | null = null, again: readonly string[] = []): RunResult => ({ outcome, effect, error, again });

/** Runs one effect as far as it goes now: permit, claim, at most one creating request, record. Safe to run twice. */
export async function runEffect(engine: EngineOptions, id: string): Promise<RunResult> {
  const seen = await findEffect(engine.database, id);
  if (seen === null || !seen.due || seen.leased) return result('nothing', seen);
  const reconciler = engine.reconcilers[seen.kind];
  if (reconciler === undefined) throw new Error(`No reconciler for ${seen.kind}.`);
  if ('gather' in reconciler) {
    const gathered = await reconciler.gather(seen);
    return result('gathered', seen, null, gathered === null ? [] : [gathered]);
  }
  if (seen.phase !== 'sending' && seen.phase !== 'unknown') return claimAndRun(engine, reconciler, seen);
  const group = [seen.kind, seen.destination, seen.parentId].join(' ');
  if (engine.lookingUp.has(group)) {
    await postponeEffect(engine.database, id, LOOKED_UP_SOON_MS);
    return result('postponed', seen);
  }
  engine.lookingUp.add(group);
  try {
    return await claimAndRun(engine, reconciler, seen);
  } finally {
    engine.lookingUp.delete(group);
  }
}

async function claimAndRun(engine: EngineOptions, reconciler: Reconciler, seen: Effect): Promise<RunResult> {
  const { id } = seen;
  const permit = await permitFor(engine, reconciler, seen);
  if ('retryAfterMs' in permit) {
    await postponeEffect(engine.database, id, permit.retryAfterMs);
    return result('postponed', seen);
  }
  const effect = await claimEffect(engine.database, id, engine.leaseMs);
  if (effect === null) return result('nothing', seen);
  const call = callFor(engine, permit);
  if (effect.phase === 'sent') return update(engine, reconciler, effect, call);
  if (effect.phase === 'unsent') return create(engine, reconciler, effect, call);
  return lookUp(engine, reconciler, effect, call);
}

/** Options for all requests of a run: the first uses the permit, and none waits longer than the lease leaves room for. */
function callFor(engine: EngineOptions, permit: Permit): CallOptions {
  const waitUntil = performance.now() + engine.leaseMs - 2 * engine.timeoutMs;
  return {
    get permit() {
      return permit.used ? undefined : permit;
    },
    get maxWaitMs() {
      return Math.max(0, waitUntil - performance.now());
    },
    signal: engine.signal,
  };
}

async function permitFor(engine: EngineOptions, reconciler: Reconciler, effect: Effect): Promise<Permit | { retryAfterMs: number }> {
  const { breaker, retryAfterMs } = engine.vendor.state();
  if (breaker === 'open' && retryAfterMs > 0) return { retryAfterMs };
  return engine.vendor.reserve(reconciler.scopes(effect), MAX_WAIT_MS[effect.priority] ?? 1_000);
}

/** Records a patch, with what belongs into the same transaction. */
async function record(
  engine: EngineOptions,
  reconciler: Reconciler,
  effect: Effect,
  patch: EffectPatch,
  standing: Standing | null = null,
  extras: readonly Standing[] = [],
): Promise<{ kept: boolean; due: boolean }> {
  return engine.database.transaction(async (uow) => {
    if (standing !== null) {
      const first = await learnExternalId(uow, effect.id, standing.externalId);
      // What another run has learned first stands; ours is a duplicate by now, to be closed.
      if (first === standing.externalId) await standing.save(uow);
      for (const extra of extras) await learnExternalId(uow, effect.id, extra.externalId);
      if (first !== standing.externalId || extras.length > 0) patch = { ...patch, nextInMs: 0 };
    }
    const recorded = await recordEffect(uow, effect, patch);
    if (recorded.kept) await reconciler.settled?.(uow, effect, patch.phase);
    return recorded;
  });
}

async function fail(engine: EngineOptions, reconciler: Reconciler, effect: Effect, step: Step, error: unknown): Promise<RunResult> {
  const patch = afterFailure(effect, step, error, engine.patience);
  const { kept } = await record(engine, reconciler, effect, patch);
  if (!kept) return result('lost_lease', effect, patch.error);
  const { phase } = patch;
  return result(phase === 'dead' || phase === 'held' || (phase === 'unknown' && step === 'create') ? phase : 'failed', effect, patch.error);
}

async function create(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
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
    await record(engine, reconciler, effect, { phase: 'dead', nextInMs: null, error: prepared.reason, failing: true });
    return result('dead', effect, prepared.reason);
  }
  // The lease must outlive a breaker's trial (half a time-out of waiting, one of asking) and the request itself.
  if (!(await intendToSend(engine.database, effect, 2.5 * engine.timeoutMs))) return result('lost_lease', effect);
  let standing: Standing;
  try {
    standing = await prepared.send({ ...call, maxWaitMs: engine.timeoutMs / 2 });
  } catch (error) {
    return fail(engine, reconciler, effect, 'create', error);
  }
  const sent = { ...effect, sends: effect.sends + 1, sentAt: effect.now };
  const { kept, due } = await record(engine, reconciler, effect, afterSuccess(sent, prepared.revision, engine.patience), standing);
  return result(kept ? 'sent' : 'lost_lease', effect, null, due ? [effect.id] : []);
}

async function lookUp(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  const others = reconciler.lookupBatch > 1
    ? await claimUnknown(engine.database, effect, reconciler.lookupBatch - 1, engine.leaseMs)
    : [];
  const batch = [effect, ...others];
  let found: ReadonlyMap<string, readonly Standing[]>;
  try {
    found = await reconciler.find(batch, call);
  } catch (error) {
    const results = [];
    for (const one of batch) results.push(await fail(engine, reconciler, one, 'find', error));
    return results[0] ?? result('failed', effect);
  }
  const again: string[] = [];
  let first: RunResult | undefined;
  for (const one of batch) {
    const [standing, ...extras] = found.get(one.id) ?? [];
    // What was found shows some revision that we cannot know: it is brought up to date next.
    const patch = standing === undefined ? afterQuietLookup(one, engine.patience) : afterSuccess(one, 0, engine.patience);
    const { due } = await record(engine, reconciler, one, patch, standing ?? null, extras);
    if (due) again.push(one.id);
    const outcome = standing !== undefined ? 'sent' : patch.phase === 'held' ? 'held' : 'unknown';
    first ??= result(outcome, one, patch.error, again);
  }
  return first ?? result('nothing', effect);
}

async function update(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  try {
    if (effect.extraIds.length > 0) await reconciler.closeExtras(effect, call);
    if (effect.desiredRevision > effect.appliedRevision) return await bringUp(engine, reconciler, effect, call);
    return await recheck(engine, reconciler, effect, call);
  } catch (error) {
    return fail(engine, reconciler, effect, 'update', error);
  }
}

async function bringUp(engine: EngineOptions, reconciler: Reconciler, effect: Effect, call: CallOptions): Promise<RunResult> {
  const updated = await reconciler.update(effect, call);
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
