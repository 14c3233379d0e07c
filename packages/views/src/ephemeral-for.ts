import { DomainError, type Refusal } from '@deptracker/domain';
import { person, time } from './mrkdwn.js';

const PAST = { approve: 'approved', reject: 'rejected' } as const;

type Closed = Extract<Refusal, { code: 'approval_closed' }>;

function closed({ status, by }: Closed): string {
  const decider = (status === 'approved' || status === 'rejected') && by !== null ? ` by ${person(by, 200)}` : '';
  return `You are late: this request is already ${status}${decider}. Your click was not counted.`;
}

/** Why a click did not count, as a sentence to the person who clicked; shown to nobody else. Escaped for Slack. */
export function ephemeralFor(refused: DomainError | Refusal): string {
  const refusal = refused instanceof DomainError ? refused.refusal : refused;
  switch (refusal.code) {
    case 'approval_closed':
      return closed(refusal);
    case 'approval_lapsed':
      return `You are late: the time to decide ended ${time(refusal.expiresAt)}. Your click was not counted.`;
    case 'approval_not_required':
      return 'This deployment needs no approval.';
    case 'not_eligible':
      return refusal.why === 'requester'
        ? 'You requested this deployment, so somebody else must decide.'
        : 'You are not among the approvers of this environment, so your click was not counted.';
    case 'already_decided':
      return `You have already ${PAST[refusal.decision]} this; a decision counts once.`;
    case 'deployment_not_found':
      return 'This deployment is no longer known.';
    default:
      return 'Your click was not counted: the deployment has changed meanwhile.';
  }
}
