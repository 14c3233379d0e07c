import type { ViewSubmitAction } from '@slack/bolt';
import { type Deployment, DomainError } from '@deptracker/domain';
import { findDeployment } from '@deptracker/store';
import { type ModalView, REASON_BLOCK, REASON_INPUT, REASON_MAX, ephemeralFor, tooLateModal } from '@deptracker/views';
import { findUnstorable } from '../../http/storable.js';
import { asUuid } from '../fields.js';
import { countDecision } from './decide.js';
import type { InteractiveOptions } from './interactive-options.js';
import { userIdOf } from './plain-id.js';
import { recall } from './rejection-metadata.js';
import type { SlackDecision } from './slack-decision.js';

/** How a submitted modal goes on: nothing closes it (https://docs.slack.dev/surfaces/modals). */
export type ModalAnswer =
  | { readonly response_action: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly response_action: 'update'; readonly view: ModalView }
  | undefined;

const complaint = (text: string): ModalAnswer => ({ response_action: 'errors', errors: { [REASON_BLOCK]: text } });

function reasonOf({ view }: ViewSubmitAction): string | null {
  // What nothing was written into may be left out.
  const { values = {} } = (view as Partial<ViewSubmitAction['view']>).state ?? {};
  const text = values[REASON_BLOCK]?.[REASON_INPUT]?.value?.trim() ?? '';
  return text === '' ? null : text;
}

/** What is wrong with a reason; Slack has seen to its length, but not to what can be stored. */
function mistakeIn(reason: string): string | null {
  if (reason.length > REASON_MAX) return `Please say it in ${String(REASON_MAX)} characters.`;
  return findUnstorable(reason) === null ? null : 'This has characters that cannot be stored.';
}

/** Reads a submitted rejection; the same one delivered again has the same key. */
export function asRejection(body: ViewSubmitAction, teamId: string): SlackDecision {
  const userId = userIdOf(body.user);
  const key = ['slack.view', teamId, body.view.id, userId].join(':');
  return { ...recall(body.view.private_metadata), decision: 'reject', reason: reasonOf(body), teamId, userId, key };
}

/** What can be mended by another person, or not at all, is said in the form; what is over takes its place. */
async function refusal({ database }: InteractiveOptions, refused: DomainError, deploymentId: string): Promise<ModalAnswer> {
  const { code } = refused.refusal;
  if (code === 'not_eligible' || code === 'already_decided') return complaint(ephemeralFor(refused));
  const id = asUuid(deploymentId);
  const deployment = id === null ? null : await findDeployment(database, id);
  return { response_action: 'update', view: tooLateModal(refused, deployment) };
}

/**
 * Counts a rejection from the modal. What the rules refuse is said there. Any other failure is raised, so that the
 * submission is not acknowledged: Slack keeps the form open with what was written, and the person can try again.
 */
export async function decideSubmission(
  options: InteractiveOptions,
  act: SlackDecision,
  requestId: string,
): Promise<{ readonly answer: ModalAnswer; readonly deployment: Deployment | null }> {
  const mistake = act.reason === null ? null : mistakeIn(act.reason);
  if (mistake !== null) return { answer: complaint(mistake), deployment: null };
  try {
    return { answer: undefined, deployment: await countDecision(options, act, requestId) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (act.fromHome) options.home.publish(act.teamId, act.userId);
    return { answer: await refusal(options, error, act.deploymentId), deployment: null };
  }
}
