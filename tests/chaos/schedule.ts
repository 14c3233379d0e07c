import fc from 'fast-check';
import type { Person } from './client.js';
import { LINKS, type LinkName, SLOTS, type Slot } from './fleet/slots.js';
import type { ProxyMode } from '@deptracker/testkit';

export interface PlannedPress {
  /** Milliseconds after its message stands outside. */
  readonly after: number;
  readonly person: Person;
  readonly decision: 'approve' | 'reject';
  readonly twice: boolean;
}

export interface PlannedUpdate {
  /** Milliseconds after the creation, or after the status before. */
  readonly after: number;
  readonly status: 'in_progress' | 'succeeded' | 'failed' | 'cancelled';
}

export interface PlannedOrder {
  readonly at: number;
  readonly environment: 'production' | 'quorum' | 'listed' | 'free' | 'brief';
  readonly key: 'idempotency' | 'natural' | 'both' | 'none' | 'batch';
  readonly requester: 'carol@example.com' | null;
  /** The same order is posted by so many at once. */
  readonly posters: number;
  readonly presses: readonly PlannedPress[];
  readonly updates: readonly PlannedUpdate[];
}

/** Something that goes wrong at a moment, and for how long. */
export type PlannedFault = { readonly at: number } & (
  | { readonly kind: 'kill'; readonly slot: Slot }
  | { readonly kind: 'stop'; readonly slot: Slot; readonly ms: number }
  | { readonly kind: 'failpoint'; readonly slot: Slot; readonly rule: string; readonly ms: number }
  | { readonly kind: 'link'; readonly link: LinkName; readonly mode: ProxyMode; readonly ms: number }
  | { readonly kind: 'vendor'; readonly rules: readonly object[]; readonly ms: number }
  | { readonly kind: 'clock'; readonly slot: Slot; readonly offsetMs: number }
  | { readonly kind: 'flush' | 'restart_postgres' }
  | { readonly kind: 'pause_redis'; readonly ms: number }
);

export interface Schedule {
  /** How long the vendors take for everything; the longer, the more is under way when something goes wrong. */
  readonly latencyMs: number;
  readonly orders: readonly PlannedOrder[];
  readonly faults: readonly PlannedFault[];
}

const LAST_START_MS = 700;
const start = fc.integer({ min: 0, max: LAST_START_MS });
// What only delays a vendor must be over before the last look-up: what arrives after it is a second ticket for good reason.
const span = fc.integer({ min: 50, max: 1_200 });

const press: fc.Arbitrary<PlannedPress> = fc.record({
  after: fc.integer({ min: 0, max: 300 }),
  person: fc.constantFrom<Person>('ALICE', 'BOB', 'CAROL', 'DAVE'),
  decision: fc.oneof({ weight: 3, arbitrary: fc.constant('approve' as const) }, { weight: 1, arbitrary: fc.constant('reject' as const) }),
  twice: fc.boolean(),
});

const update: fc.Arbitrary<PlannedUpdate> = fc.record({
  after: fc.integer({ min: 0, max: 400 }),
  status: fc.constantFrom('in_progress' as const, 'succeeded' as const, 'failed' as const, 'cancelled' as const),
});

const order: fc.Arbitrary<PlannedOrder> = fc.record({
  at: start,
  environment: fc.constantFrom('production' as const, 'production' as const, 'quorum' as const, 'listed' as const, 'free' as const, 'brief' as const),
  key: fc.constantFrom('idempotency' as const, 'idempotency' as const, 'natural' as const, 'both' as const, 'none' as const, 'batch' as const),
  requester: fc.constantFrom('carol@example.com' as const, null),
  posters: fc.constantFrom(1, 1, 1, 3),
  presses: fc.array(press, { maxLength: 3 }),
  updates: fc.array(update, { maxLength: 3 }),
});

const slot = fc.constantFrom(...SLOTS);
const link = fc.constantFrom(...LINKS);

const API_POINTS = ['before_commit', 'after_commit', 'after_notify', 'before_offer', 'after_decision'];
const WORKER_POINTS = [
  'before_commit',
  'after_commit',
  'after_take',
  'after_claim',
  'after_intent',
  'after_vendor_request',
  'after_update_request',
  'during_look_up',
  'after_look_up',
  'before_write_back',
];
const CRON_POINTS = ['before_commit', 'after_commit', 'after_task', 'before_offer'];

function pointsOf(of: Slot): string[] {
  if (of.startsWith('api')) return API_POINTS;
  return of.startsWith('metrics') ? CRON_POINTS : WORKER_POINTS;
}

const rule = (of: Slot): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...pointsOf(of)), fc.constantFrom('SIGKILL', 'SIGKILL', 'SIGSTOP'), fc.integer({ min: 1, max: 4 }))
    .map(([point, action, pass]) => `${point}:${action}@${pass}`);

const mode: fc.Arbitrary<ProxyMode> = fc.oneof(
  fc.record({ kind: fc.constant('delay' as const), ms: fc.integer({ min: 10, max: 800 }) }),
  fc.record({ kind: fc.constant('slow' as const), bytesPerSecond: fc.constantFrom(200, 2_000, 20_000) }),
  fc.record({ kind: fc.constant('reset' as const) }),
  fc.record({ kind: fc.constant('blackhole' as const) }),
  fc.record({ kind: fc.constant('halfOpen' as const), swallows: fc.constantFrom('requests' as const, 'answers' as const) }),
  fc.record({ kind: fc.constant('dropAnswer' as const), afterBytes: fc.constantFrom(0, 0, 1, 20, 100) }),
);

const CREATING = ['jira.createIssue', 'slack.chat.postMessage', 'jira.addComment'];
const vendorMethod = fc.constantFrom(...CREATING, ...CREATING, ...CREATING, 'jira.*', 'jira.search', 'slack.*', 'slack.conversations.history', '*');
const vendorRule: fc.Arbitrary<object> = fc
  .tuple(
    vendorMethod,
    fc.oneof(
      fc.record({ kind: fc.constant('drop_after') }),
      fc.record({ kind: fc.constant('reset') }),
      fc.record({ kind: fc.constant('error'), status: fc.constantFrom(500, 502, 503), applied: fc.boolean() }),
      fc.record({ kind: fc.constant('garbage'), applied: fc.boolean() }),
      fc.record({ kind: fc.constant('drip'), applied: fc.boolean() }),
      fc.record({ kind: fc.constant('huge'), applied: fc.boolean() }),
      fc.record({ kind: fc.constant('rate_limit'), retryAfter: fc.constant(1) }),
      fc.record({ latencyMs: fc.integer({ min: 50, max: 900 }) }),
    ),
    fc.record({ every: fc.integer({ min: 1, max: 3 }) }),
  )
  .map(([method, kind, often]) => ({ method, ...kind, ...often }));

const fault: fc.Arbitrary<PlannedFault> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ at: start, kind: fc.constant('kill' as const), slot }) },
  { weight: 2, arbitrary: fc.record({ at: start, kind: fc.constant('stop' as const), slot, ms: fc.constantFrom(300, 1_000, 2_300, 3_500) }) },
  {
    weight: 5,
    arbitrary: slot.chain((of) =>
      fc.record({ at: start, kind: fc.constant('failpoint' as const), slot: fc.constant(of), rule: rule(of), ms: fc.constantFrom(600, 1_200, 2_300, 3_500) }),
    ),
  },
  { weight: 5, arbitrary: fc.record({ at: start, kind: fc.constant('link' as const), link, mode, ms: span }) },
  { weight: 4, arbitrary: fc.record({ at: start, kind: fc.constant('vendor' as const), rules: fc.array(vendorRule, { minLength: 1, maxLength: 2 }), ms: span }) },
  {
    weight: 1,
    arbitrary: fc.record({ at: start, kind: fc.constant('clock' as const), slot, offsetMs: fc.constantFrom(-3_600_000, 3_600_000) }),
  },
  { weight: 1, arbitrary: fc.record({ at: start, kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ at: start, kind: fc.constant('restart_postgres' as const) }) },
  { weight: 1, arbitrary: fc.record({ at: start, kind: fc.constant('pause_redis' as const), ms: span }) },
);

/** Everything that one run of the fleet goes through. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  latencyMs: fc.constantFrom(0, 40, 120, 250),
  orders: fc.array(order, { minLength: 1, maxLength: 16, size: 'max' }),
  faults: fc.array(fault, { minLength: 1, maxLength: 6, size: 'max' }),
});
