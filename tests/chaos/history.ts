import type { Status } from '@deptracker/domain';

/** What a pipeline asked for, under what name, and what it was told. The harness's own record, beside the ledger. */
export interface Order {
  /** Names the order: answers with another id under the same name are a fault. */
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Repeating it is safe: it has a key of some kind. */
  readonly keyed: boolean;
  tries: number;
  /** Every id that was answered 2xx; more than one is a fault. */
  readonly ids: Set<string>;
  /** Every deployment that was answered, as JSON; a repetition gets the first answer again, so more than one is a fault. */
  readonly answers: Set<string>;
}

/** An order that nobody has posted yet. */
export const newOrder = (name: string, body: Order['body'], keyed: boolean): Order => ({ name, body, keyed, tries: 0, ids: new Set(), answers: new Set() });

/** A press of a button, repeated until it was acknowledged. */
export interface Press {
  readonly deploymentId: string;
  readonly email: string;
  readonly decision: 'approve' | 'reject';
  acknowledged: boolean;
  /** The last answer; 0 is none. */
  answer?: number;
  /** When it was acknowledged, by the clock that the database has too. */
  acknowledgedAt?: number;
}

/** Why a status was refused, and when that was asked and answered, by the clock that the database has too. */
export interface Refused {
  /** Where the deployment stood, as it was told. */
  readonly from: string;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** A status that a pipeline asked for; `answer` is the last one below 500. */
export interface Update {
  readonly deploymentId: string;
  readonly status: Status;
  answer: number | null;
  refused?: Refused;
}

/** One request: 0 is no answer, `at` when it was sent by `performance.now()`. */
export interface Timing {
  readonly what: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly at: number;
  readonly ms: number;
}

/** All that happened between the harness and the fleet in one run. */
export class History {
  readonly orders: Order[] = [];
  readonly presses: Press[] = [];
  readonly updates: Update[] = [];
  readonly timings: Timing[] = [];
  /** Deployments that a vendor refuses for good: of these, and of no others, something may end dead. */
  readonly poisons = new Set<string>();
  /** Answers that no fault excuses, as sentences. */
  readonly faults: string[] = [];

  get ids(): string[] {
    return this.orders.flatMap(({ ids }) => [...ids]);
  }
}
