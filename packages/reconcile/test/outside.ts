import { type CallOptions, VendorError, type Vendor } from '@deptracker/resilience';
import type { Effect } from '@deptracker/store';
import type { EngineOptions, Prepared, Reconciler, Standing } from '@deptracker/reconcile';
import { type Database, createDatabase, gatherEffects } from '@deptracker/store';

/** How the next requests to the fake outside go. */
export type Behaviour = 'ok' | 'refused' | 'row_fault' | 'rate' | 'lost_after_applying' | 'lost_before_applying' | 'hang' | 'hang_and_lost';

export interface FakeOutside {
  /** Everything that was ever created: the oracle. */
  readonly created: { readonly id: string; readonly effectId: string }[];
  readonly deleted: string[];
  edits: number;
  /** Of the last edit: how long after it was asked for it may still be sent, in milliseconds. */
  editableMs: number;
  /** The revision that the outside shows after the last edit. */
  shown: number;
  lookups: number;
  /** Ids that look-ups cannot see yet. */
  readonly hidden: Set<string>;
  create: Behaviour[];
  find: Behaviour[];
  edit: Behaviour[];
  /** Resolves the requests that hang. */
  release(): void;
  onCreate: (effectId: string) => Promise<void>;
}

const ERRORS: Record<Exclude<Behaviour, 'ok' | 'hang' | 'hang_and_lost'>, VendorError> = {
  refused: new VendorError({ vendor: 'slack', certainty: 'not_applied', fault: 'vendor', code: 'refused' }, 'refused'),
  row_fault: new VendorError({ vendor: 'slack', certainty: 'not_applied', fault: 'row', code: 'http_400' }, 'bad row'),
  rate: new VendorError({ vendor: 'slack', certainty: 'not_applied', fault: 'rate', code: 'http_429', retryAfterMs: 7_000 }, 'slow down'),
  lost_after_applying: new VendorError({ vendor: 'slack', certainty: 'unknown', fault: 'vendor', code: 'reset' }, 'answer lost'),
  lost_before_applying: new VendorError({ vendor: 'slack', certainty: 'unknown', fault: 'vendor', code: 'reset' }, 'answer lost'),
};

export function fakeOutside(): FakeOutside & { reconciler: Reconciler } {
  let releases: (() => void)[] = [];
  const outside: FakeOutside = {
    created: [],
    deleted: [],
    edits: 0,
    editableMs: Infinity,
    shown: 0,
    lookups: 0,
    hidden: new Set(),
    create: [],
    find: [],
    edit: [],
    release: () => {
      for (const release of releases) release();
      releases = [];
    },
    onCreate: () => Promise.resolve(),
  };
  const behave = async (behaviour: Behaviour | undefined): Promise<void> => {
    if (behaviour === undefined || behaviour === 'ok') return;
    if (behaviour === 'hang') return new Promise((resolve) => releases.push(resolve));
    if (behaviour === 'hang_and_lost') {
      await new Promise<void>((resolve) => releases.push(resolve));
      throw ERRORS.lost_before_applying;
    }
    throw ERRORS[behaviour];
  };
  const standing = (externalId: string): Standing => ({ externalId, save: () => Promise.resolve() });
  const reconciler: Reconciler = {
    lookupBatch: 50,
    scopes: () => [],
    prepare: (effect: Effect): Promise<Prepared> =>
      Promise.resolve({
        next: 'send',
        revision: effect.desiredRevision,
        send: async (call: CallOptions) => {
          if (call.permit !== undefined) call.permit.used = true;
          await outside.onCreate(effect.id);
          const behaviour = outside.create.shift();
          const id = String(outside.created.length + 1);
          const applies = behaviour === undefined || ['ok', 'lost_after_applying', 'hang'].includes(behaviour);
          if (applies) outside.created.push({ id, effectId: effect.id });
          await behave(behaviour);
          return standing(id);
        },
      }),
    find: async (effects) => {
      outside.lookups += 1;
      await behave(outside.find.shift());
      return new Map(
        effects.map((effect) => [
          effect.id,
          outside.created
            .filter(({ id, effectId }) => effectId === effect.id && !outside.hidden.has(id) && !outside.deleted.includes(id))
            .map(({ id }) => standing(id)),
        ]),
      );
    },
    update: async (effect, { sendBefore = Infinity }) => {
      outside.editableMs = sendBefore - performance.now();
      await behave(outside.edit.shift());
      outside.edits += 1;
      outside.shown = effect.desiredRevision;
      return { state: 'current', revision: effect.desiredRevision, save: () => Promise.resolve() };
    },
    closeExtras: (effect) => {
      outside.deleted.push(...effect.extraIds);
      return Promise.resolve();
    },
  };
  return Object.assign(outside, { reconciler });
}

/** A vendor that lets everything through. */
export const openVendor: Vendor = {
  reserve: (scopes) => Promise.resolve({ scopes, used: false }),
  request: ({ run }) => run(new AbortController().signal),
  state: () => ({ breaker: 'closed', retryAfterMs: 0 }),
};

export function testEngine(database: Database, reconciler: Reconciler, vendor: Vendor = openVendor): EngineOptions {
  return {
    database,
    effects: gatherEffects(database),
    vendor,
    reconcilers: { 'slack.approval': reconciler },
    patience: { attempts: 3, retryDelayMs: 1_000, lookupDelaysMs: [3_000, 10_000, 30_000], recheckDelaysMs: [900_000] },
    leaseMs: 60_000,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    lookingUp: new Set(),
    mayLinger: () => true,
  };
}

export function testPool(url: string): Database {
  return createDatabase({ url, maxConnections: 10, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
}
