import type { Deployment, DomainError } from '@deptracker/domain';
import { headline } from './approval-message.js';
import { mrkdwn, plain } from './block.js';
import { ephemeralFor } from './ephemeral-for.js';
import { line, person } from './mrkdwn.js';
import type { ModalView } from './view.js';

/** Names what was written in the modal when it comes back. */
export const REJECTION_CALLBACK = 'deptracker_rejection';
export const REASON_BLOCK = 'deptracker_reason';
export const REASON_INPUT = 'deptracker_reason_text';
/** As everywhere else; Slack itself would take 3,000 characters. */
export const REASON_MAX = 2000;

/**
 * Asks why, before a rejection counts. `metadata` comes back with the answer. A reason may be left out: to stop something
 * must not be harder than to let it go.
 */
export function rejectionModal(deployment: Deployment, metadata: string): ModalView {
  const { project, version, environment, requestedBy } = deployment;
  const what = `Reject *${line(project, 300)}* ${line(version, 300)} → *${line(environment, 300)}*?`;
  const who = requestedBy === null ? '' : ` ${person(requestedBy, 300)} asked for it.`;
  return {
    type: 'modal',
    callback_id: REJECTION_CALLBACK,
    private_metadata: metadata,
    title: plain('Reject a deployment'),
    submit: plain('Reject'),
    close: plain('Cancel'),
    blocks: [
      { type: 'section', text: mrkdwn(`${what}${who} A rejection is final; another attempt is another deployment.`) },
      {
        type: 'input',
        block_id: REASON_BLOCK,
        optional: true,
        label: plain('Why?'),
        hint: plain('Shown in the channel, in the ticket and to the pipeline that waits.'),
        element: { type: 'plain_text_input', action_id: REASON_INPUT, multiline: true, max_length: REASON_MAX },
      },
    ],
  };
}

/** Takes the place of the modal where there is nothing left to decide: says why, and how the deployment stands. */
export function tooLateModal(refused: DomainError, deployment: Deployment | null): ModalView {
  const standing = deployment === null ? [] : [{ type: 'context', elements: [mrkdwn(headline(deployment, 500))] } as const];
  return {
    type: 'modal',
    callback_id: 'deptracker_too_late',
    title: plain('Not counted'),
    close: plain('Close'),
    blocks: [{ type: 'section', text: mrkdwn(ephemeralFor(refused)) }, ...standing],
  };
}
