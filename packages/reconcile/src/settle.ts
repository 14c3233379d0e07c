import { VendorError } from '@deptracker/resilience';
import { type Effect, type EffectPatch, UnavailableError } from '@deptracker/store';

/** How patient the engine is with one outside system. All in milliseconds. */
export interface Patience {
  /** Failures of the row itself after which it is dead. */
  readonly attempts: number;
  readonly retryDelayMs: number;
  /** When a lost answer is looked up, counted from the sending. */
  readonly lookupDelaysMs: readonly number[];
  /** When a row that was sent more than once is searched again for duplicates, counted from the sending. */
  readonly recheckDelaysMs: readonly number[];
}

/** What the engine was doing when something failed. */
export type Step = 'prepare' | 'create' | 'find' | 'update';

/** A row that was sent so often may stand outside more than once. */
const SENT_AGAIN = 2;

const HOUR = 3_600_000;
const jittered = (ms: number, random: () => number): number => Math.round(ms * (0.8 + 0.4 * random()));

const elapsed = (effect: Effect): number => (effect.sentAt === null ? 0 : effect.now.getTime() - effect.sentAt.getTime());

/** Exponential, for failures of the row itself: the delay, twice it, four times it … at most an hour, ±20 %. */
export function backoffMs(patience: Patience, attempts: number, random: () => number): number {
  return jittered(Math.min(patience.retryDelayMs * 2 ** (attempts - 1), HOUR), random);
}

/** For outages: a quarter of the time that the row has been failing, between the retry delay and ten minutes, ±20 %. */
export function outageMs(patience: Patience, effect: Effect, random: () => number): number {
  const age = effect.failingSince === null ? 0 : effect.now.getTime() - effect.failingSince.getTime();
  return jittered(Math.max(patience.retryDelayMs, Math.min(age / 4, HOUR / 6)), random);
}

/** The look-up after `sinceSent` milliseconds: how long until then; null where the schedule is over. */
export function nextLookupMs(patience: Patience, sinceSent: number): number | null {
  const next = patience.lookupDelaysMs.find((delay) => delay > sinceSent);
  return next === undefined ? null : next - sinceSent;
}

/** How long until a settled row is due again: never, or when it is searched for duplicates. */
export function nextRecheckMs(patience: Patience, effect: Effect, rechecks: number): number | null {
  if (effect.sends < SENT_AGAIN) return null;
  const delay = patience.recheckDelaysMs[rechecks];
  return delay === undefined ? null : Math.max(0, delay - elapsed(effect));
}

/** An answer to a creating request is lost: look it up on the schedule. */
function unanswered(effect: Effect, patience: Patience, error: string): EffectPatch {
  return { phase: 'unknown', lookups: 0, nextInMs: nextLookupMs(patience, 0) ?? 0, error, failing: true };
}

/**
 * A look-up found nothing. Once one was quiet at the schedule's end the row may be sent once more; after the second
 * quiet schedule it is held for a person, whose replay allows one more (`maxSends`).
 */
export function afterQuietLookup(effect: Effect, patience: Patience): EffectPatch {
  const lookups = effect.lookups + 1;
  // A worker may come back after the whole schedule has passed: one look alone is not a quiet schedule.
  const next = nextLookupMs(patience, elapsed(effect)) ?? (lookups < 2 ? (patience.lookupDelaysMs[0] ?? 0) : null);
  if (next !== null) return { phase: 'unknown', lookups, nextInMs: next, error: 'answer lost, not found yet', failing: true };
  if (effect.sends < effect.maxSends) {
    return { phase: 'unsent', lookups, nextInMs: 0, error: 'answer lost, surely not applied', failing: true };
  }
  return { phase: 'held', lookups, nextInMs: null, error: `no answer to ${effect.sends} requests and nothing found`, failing: true };
}

/** After this long a request without an answer is surely not applied any more. */
export function confirmAfterMs({ lookupDelaysMs }: Patience): number {
  return lookupDelaysMs.at(-1) ?? 0;
}

/** A failure by the vendor's or our own doing: how the row goes on. */
export function afterFailure(
  effect: Effect,
  step: Step,
  error: unknown,
  patience: Patience,
  random: () => number = Math.random,
): EffectPatch {
  const message = error instanceof Error ? error.message.slice(0, 1000) : String(error);
  const failure = error instanceof VendorError ? error.failure : null;
  const certain = step === 'prepare' || failure?.certainty === 'not_applied';
  if (step === 'create' && !certain) return unanswered(effect, patience, message);
  const back = {
    phase: step === 'find' ? ('unknown' as const) : step === 'update' ? ('sent' as const) : ('unsent' as const),
    // `effect` was read before the intent, so its count of sends is the one from before this request.
    ...(step === 'create' ? { sends: effect.sends } : {}),
    // It may be applied late, over a newer edit: once that cannot be any more, what is shown is written again.
    ...(step === 'update' && !certain ? { confirmInMs: confirmAfterMs(patience) } : {}),
  };
  // Our own database that is away is an outage too.
  const outage = error instanceof UnavailableError || failure?.fault === 'vendor';
  if (outage || (failure !== null && failure.fault !== 'row')) {
    const wait = Math.max(failure?.retryAfterMs ?? 0, outage ? outageMs(patience, effect, random) : 0);
    return { ...back, nextInMs: Math.max(wait, 100), error: message, failing: true };
  }
  if (step === 'find' && failure !== null) return { ...back, phase: 'held', nextInMs: null, error: message, failing: true };
  const attempts = effect.attempts + 1;
  if (attempts >= patience.attempts) return { ...back, phase: 'dead', attempts, nextInMs: null, error: message, failing: true };
  return { ...back, attempts, nextInMs: backoffMs(patience, attempts, random), error: message, failing: true };
}

/** The outside shows `revision`: attempts are forgiven. */
export function afterSuccess(effect: Effect, revision: number, patience: Patience): EffectPatch & { readonly appliedRevision: number } {
  const nextInMs = nextRecheckMs(patience, effect, effect.rechecks);
  const confirmed = effect.confirmable ? { confirmInMs: null } : {};
  return { phase: 'sent', appliedRevision: revision, attempts: 0, nextInMs, error: null, failing: false, ...confirmed };
}
