import type { CallOptions, Scope } from '@deptracker/resilience';
import type { Effect, Kept, Phase, UnitOfWork } from '@deptracker/store';

/** Something that stands outside, made or found. `save` stores what is known of it in the transaction that records it. */
export interface Standing {
  readonly externalId: string;
  /** It never changes once it stands; what was found needs no update. */
  readonly final?: true;
  save(uow: UnitOfWork): Promise<void>;
  /** All that `save` and `settled` would write for an effect that was just sent, to be recorded together with others. */
  readonly kept?: Kept;
}

/** What is to be done for an effect that has not been sent. */
export type Prepared =
  /** Exactly one creating request; it shows the deployment at `revision`. */
  | { readonly next: 'send'; readonly revision: number; send(call: CallOptions): Promise<Standing> }
  /** Something else must come first; looked at again after `ms`. */
  | { readonly next: 'wait'; readonly ms: number; readonly reason: string }
  /** It can never be sent; with `discarded`, because a person gave up what it would belong to. */
  | { readonly next: 'give_up'; readonly reason: string; readonly discarded?: boolean };

/** The outside shows the deployment at `revision`, or the thing to bring up to date is gone and must be made anew. */
export type Updated =
  | { readonly state: 'current'; readonly revision: number; save(uow: UnitOfWork): Promise<void> }
  | { readonly state: 'gone' };

/**
 * Makes the outside match effects of one kind. Every method may run twice and may be cut off anywhere; failures are
 * VendorErrors. The engine owns claims, intents, schedules and what is recorded.
 */
export interface Reconciler {
  /** What the next request counts against, so that its permit is had before a lease burns. */
  scopes(effect: Effect): readonly Scope[];
  prepare(effect: Effect): Promise<Prepared>;
  /** Looks up what became of requests whose answers are lost; per effect what stands, the earliest first. */
  find(effects: readonly Effect[], call: CallOptions): Promise<ReadonlyMap<string, readonly Standing[]>>;
  /** How many effects one look-up serves. */
  readonly lookupBatch: number;
  /** Writes also what seems to be shown already where that is in doubt (`effect.confirmAt`). */
  update(effect: Effect, call: CallOptions): Promise<Updated>;
  /** Closes duplicates (`effect.extraIds`). */
  closeExtras(effect: Effect, call: CallOptions): Promise<void>;
  /** Runs in the transaction that records a new phase, e.g. to wake what waits for this effect. */
  settled?(uow: UnitOfWork, effect: Effect, phase: Phase): Promise<void>;
}

/** For a kind that asks for nothing of its own and only joins others; returns the effect that they became, to run next. */
export interface Gatherer {
  gather(effect: Effect): Promise<string | null>;
}
