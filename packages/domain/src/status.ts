/** Every status that a deployment can have. */
export const STATUSES = [
  'pending',
  'approved',
  'rejected',
  'expired',
  'in_progress',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'rolled_back',
] as const;

export type Status = (typeof STATUSES)[number];

/** Who moves a deployment into a status: the pipeline through the API, people who decide, or metrics-cron by a limit. */
export type Driver = 'pipeline' | 'people' | 'limits' | 'linked_deployment';

/** Jira's three status categories by their keys (REST API v3, `statusCategory.key`). */
export type TicketCategory = 'new' | 'indeterminate' | 'done';

/** Whether a pipeline may go on. */
export type GateDecision = 'allowed' | 'waiting' | 'denied';

/** What a status means, in one place: who drives it, where it may go, how the outside shows it. */
export interface StatusRule {
  readonly next: readonly Status[];
  readonly driver: Driver;
  readonly gate: GateDecision;
  readonly ticket: TicketCategory;
  readonly emoji: string;
  readonly label: string;
}

export const STATUS_RULES: Readonly<Record<Status, StatusRule>> = {
  pending: {
    next: ['approved', 'rejected', 'expired', 'cancelled'],
    driver: 'pipeline',
    gate: 'waiting',
    ticket: 'new',
    emoji: ':hourglass_flowing_sand:',
    label: 'waiting for approval',
  },
  approved: {
    next: ['in_progress', 'expired', 'cancelled'],
    driver: 'people',
    gate: 'allowed',
    ticket: 'indeterminate',
    emoji: ':white_check_mark:',
    label: 'approved',
  },
  rejected: { next: [], driver: 'people', gate: 'denied', ticket: 'done', emoji: ':no_entry:', label: 'rejected' },
  expired: { next: [], driver: 'limits', gate: 'denied', ticket: 'done', emoji: ':alarm_clock:', label: 'expired' },
  in_progress: {
    next: ['succeeded', 'failed', 'timed_out', 'cancelled'],
    driver: 'pipeline',
    gate: 'allowed',
    ticket: 'indeterminate',
    emoji: ':rocket:',
    label: 'in progress',
  },
  succeeded: {
    next: ['rolled_back'],
    driver: 'pipeline',
    gate: 'allowed',
    ticket: 'done',
    emoji: ':tada:',
    label: 'succeeded',
  },
  failed: { next: [], driver: 'pipeline', gate: 'denied', ticket: 'done', emoji: ':x:', label: 'failed' },
  timed_out: { next: [], driver: 'limits', gate: 'denied', ticket: 'done', emoji: ':stopwatch:', label: 'timed out' },
  cancelled: { next: [], driver: 'pipeline', gate: 'denied', ticket: 'done', emoji: ':octagonal_sign:', label: 'cancelled' },
  rolled_back: {
    next: [],
    driver: 'linked_deployment',
    gate: 'denied',
    ticket: 'done',
    emoji: ':rewind:',
    label: 'rolled back',
  },
};

/** True where no further status can follow, by the table above. */
export function isFinal(status: Status): boolean {
  return STATUS_RULES[status].next.length === 0;
}
