import { type Deployment, STATUS_RULES, type Status } from '@deptracker/domain';
import { type Told, type Voice, capital, eventSentence } from './event-sentence.js';

/** For a log of a pipeline: as it was written, on one line. */
const voice: Voice = { person: (actor) => actor, words: (text) => text.trim().replace(/\s+/gu, ' ') };

/**
 * Why a pipeline may go on, must wait or may not, as one sentence without a full stop. `status` is the one that counts;
 * `event` is the one that led there, where it is known.
 */
export function gateReason(deployment: Deployment, status: Status, event: Told | null): string {
  const { approval } = deployment;
  if (status === 'pending') {
    const approvals = approval.decisions.filter(({ decision }) => decision === 'approve').length;
    return `Waiting for approval: ${approvals} of ${approval.required} given`;
  }
  if (event !== null) return capital(eventSentence(deployment, event, voice));
  if (status === 'approved' && approval.status === 'not_required') return 'No approval is needed';
  return capital(STATUS_RULES[status].label);
}
