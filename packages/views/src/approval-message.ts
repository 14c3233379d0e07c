import type { Approval, Deployment } from '@deptracker/domain';
import { STATUS_RULES } from '@deptracker/domain';
import { type Block, type Button, type SlackMessage, SLACK_LIMITS, mrkdwn, plain } from './block.js';
import { capital } from './event-sentence.js';
import { code, joinWithin, line, link, person, prose, time } from './mrkdwn.js';

/** What a click carries back; the deciding side looks at nothing else of the button. */
export const DECISION_BLOCK = 'deptracker_decision';
export const APPROVE_ACTION = 'deptracker_approve';
export const REJECT_ACTION = 'deptracker_reject';

/** Where to read on: the change ticket as far as one is known. */
export interface TicketLink {
  readonly key: string;
  readonly url: string;
}

const FACT = 300;
const DESCRIPTION = 2500;

/** Status first, so that a long name can never push it out. */
export function headline(deployment: Deployment, max: number): string {
  const { emoji, label } = STATUS_RULES[deployment.status];
  const status = `${emoji} ${capital(label)}: `;
  return status + line(`${deployment.project} ${deployment.version} → ${deployment.environment}`, max - status.length);
}

function requester({ requestedBy, approval }: Deployment): string {
  if (requestedBy !== null) return person(requestedBy, FACT);
  return approval.requesterMayApprove ? 'not given' : 'not given, so nobody is excluded from deciding';
}

/** A section has room for ten fields only, and a deployment is made from one other at most. */
function origin({ retryOf, rollbackOf, promotedFrom }: Deployment): readonly [string, string | null] {
  if (rollbackOf !== null) return ['Rollback of', code(rollbackOf, FACT)];
  if (promotedFrom !== null) return ['Promoted from', code(promotedFrom, FACT)];
  return ['Retry of', retryOf === null ? null : code(retryOf, FACT)];
}

function facts(deployment: Deployment, ticket: TicketLink | null): Block {
  const rows: readonly (readonly [string, string | null])[] = [
    ['Project', line(deployment.project, FACT)],
    ['Environment', line(deployment.environment, FACT)],
    ['Version', line(deployment.version, FACT)],
    ['Commit', deployment.commitSha === null ? null : code(deployment.commitSha, FACT)],
    ['Ref', deployment.ref === null ? null : code(deployment.ref, FACT)],
    ['Requested by', requester(deployment)],
    ['Ticket', ticket === null ? null : link(ticket.url, ticket.key, FACT)],
    origin(deployment),
    ['Links', joinWithin(deployment.links.map(({ url, title }) => link(url, title, 700)), '\n', 1500) || null],
  ];
  const fields = rows.flatMap(([name, value]) => (value === null ? [] : [mrkdwn(`*${name}*\n${value}`)]));
  return { type: 'section', fields };
}

function progress({ required, decisions }: Approval): Block {
  const approvals = decisions.filter(({ decision }) => decision === 'approve').length;
  const each = decisions.map(({ decision, actor, reason }) => {
    const words = reason === null ? '' : prose(reason.replace(/\s+/gu, ' '), FACT);
    const verb = decision === 'approve' ? 'approved' : 'rejected';
    return `${person(actor, 150)} ${verb}${words === '' ? '' : ` “${words}”`}`;
  });
  const count = `*${String(approvals)} of ${String(required)} ${required === 1 ? 'approval' : 'approvals'}*`;
  return { type: 'section', text: mrkdwn(joinWithin([count, ...each], ' · ', 2500)) };
}

function howToDecide({ approval }: Deployment): Block {
  const eligible =
    approval.eligible === null
      ? 'anybody'
      : joinWithin(approval.eligible.map((address) => line(address, 150)), ', ', 1000) || 'nobody';
  const except = approval.requesterMayApprove ? '' : ' except the requester';
  const expiry = approval.expiresAt === null ? '' : ` · expires ${time(approval.expiresAt)}`;
  return { type: 'context', elements: [mrkdwn(`May decide: ${eligible}${except}${expiry}`)] };
}

/** Approve and Reject; a view that has several of them needs a block id for each. */
export function buttons(deployment: Deployment, block_id: string = DECISION_BLOCK): Block {
  const button = (action_id: string, text: string, style: 'primary' | 'danger'): Button => ({
    type: 'button',
    action_id,
    text: plain(text),
    value: deployment.id,
    style,
  });
  const elements = [button(APPROVE_ACTION, 'Approve', 'primary'), button(REJECT_ACTION, 'Reject', 'danger')];
  return { type: 'actions', block_id, elements };
}

/**
 * The message that asks for an approval and afterwards is the deployment's face; the same for posting and for
 * editing. Buttons are there only while a decision is still possible.
 */
export function approvalMessage(
  deployment: Deployment,
  { ticket }: { readonly ticket: TicketLink | null },
): SlackMessage {
  const description = prose(deployment.description ?? '', DESCRIPTION);
  const open = deployment.approval.status === 'pending';
  const blocks: readonly Block[] = [
    { type: 'header', text: plain(headline(deployment, SLACK_LIMITS.header)) },
    facts(deployment, ticket),
    ...(description === '' ? [] : [{ type: 'section', text: mrkdwn(description) } as const]),
    progress(deployment.approval),
    ...(open ? [howToDecide(deployment), buttons(deployment)] : []),
  ];
  return { text: headline(deployment, 500), blocks };
}
