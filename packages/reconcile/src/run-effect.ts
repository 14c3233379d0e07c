import type { CallOptions, Permit, Refused } from '@deptracker/resilience';
import { failpoint } from '@deptracker/runtime';
import { type Effect, postponeEffect } from '@deptracker/store';
import { create } from './create-step.js';
import { type EngineOptions, type RunResult, result } from './engine.js';
import { lookUp } from './look-up-step.js';
import type { Reconciler } from './reconciler.js';
import { confirmAfterMs } from './settle.js';
import { update } from './update-step.js';

// How long a job may wait for a permit before its row is put off instead: the more urgent, the more patient. The least
// waits longer than Slack's second between posts to a channel, or nobody would be there when a place comes.
const MAX_WAIT_MS: Readonly<Record<number, number>> = { 1: 5_000, 2: 2_000, 3: 1_500 };

// What is not urgent reserves its permit only shortly before it comes, and keeps the last place no longer.
const URGENT = 1;
const AHEAD_MS = 100;

// The longest that a run keeps its place where whoever came next would be put off just the same: what is queued then
// waits in the queue, where the more urgent overtakes it, and is not taken out only to be put off.
const REST_MS = 1_000;

// The look-up that is under way takes every row that is due when it starts; one that came later waits for the next.
const LOOKED_UP_SOON_MS = 500;

/** Runs one effect as far as it goes now: permit, claim, at most one creating request, record. Safe to run twice. */
export async function runEffect(engine: EngineOptions, id: string): Promise<RunResult> {
  const seen = await engine.effects.find(id);
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
    return putOff(engine, seen, { retryAfterMs: LOOKED_UP_SOON_MS, forAll: false });
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
    return putOff(engine, seen, permit);
  }
  const askedAt = performance.now();
  const effect = await engine.effects.claim({ id, leaseMs: engine.leaseMs, confirmMs: confirmAfterMs(engine.patience) });
  if (effect === null) return result('nothing', seen);
  failpoint('after_claim');
  const call = callFor(engine, permit, askedAt);
  if (effect.phase === 'sent') return update(engine, reconciler, effect, call);
  if (effect.phase === 'unsent') return create(engine, reconciler, effect, call);
  return lookUp(engine, reconciler, effect, call);
}

/**
 * Options for all requests of a run whose lease was asked for at `askedAt`: the first uses the permit, none waits longer
 * than the lease leaves room for, and none is sent where it could outlive the lease.
 */
function callFor(engine: EngineOptions, permit: Permit, askedAt: number): CallOptions {
  const waitUntil = askedAt + engine.leaseMs - 2 * engine.timeoutMs;
  return {
    get permit() {
      return permit.used ? undefined : permit;
    },
    get maxWaitMs() {
      return Math.max(0, waitUntil - performance.now());
    },
    sendBefore: askedAt + engine.leaseMs - engine.timeoutMs,
    signal: engine.signal,
  };
}

async function permitFor(engine: EngineOptions, reconciler: Reconciler, effect: Effect): Promise<Permit | Refused> {
  const { breaker, retryAfterMs } = engine.vendor.state();
  if (breaker === 'open' && retryAfterMs > 0) return { retryAfterMs, forAll: true };
  const maxWaitMs = brief(engine, effect, MAX_WAIT_MS[effect.priority] ?? 1_000);
  return engine.vendor.reserve(reconciler.scopes(effect), maxWaitMs, effect.priority === URGENT ? maxWaitMs : AHEAD_MS);
}

/** Puts off what has no permit, and runs anew at once what became urgent while it waited for one. */
async function putOff(engine: EngineOptions, seen: Effect, { retryAfterMs, forAll }: Refused): Promise<RunResult> {
  if (await postponeEffect(engine.database, seen, retryAfterMs)) return result('postponed', seen, null, [seen.id]);
  return { ...result('postponed', seen), restMs: forAll ? Math.min(retryAfterMs, brief(engine, seen, REST_MS)) : 0 };
}

/** How long a run may keep its place for nothing: one place is to be free soon for what is urgent. */
function brief(engine: EngineOptions, { priority }: Effect, ms: number): number {
  return priority === URGENT || engine.mayLinger() ? ms : Math.min(ms, AHEAD_MS);
}
