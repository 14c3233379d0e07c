import type { Deployment } from '@deptracker/domain';
import { DECISION_BLOCK, buttons } from './approval-message.js';
import { type Block, mrkdwn, plain } from './block.js';
import { deploymentLine, subjectOf } from './deployment-line.js';
import { person, prose, time } from './mrkdwn.js';
import type { HomeView, ViewBlock } from './view.js';

/** Approvals that Home has room for; the others are counted. */
export const HOME_SIZE = 20;
const ASKED_SIZE = 10;

/** What Home is made of for one person. */
export interface Home {
  /** What this person may decide, most urgent first. */
  readonly waiting: readonly Deployment[];
  /** There may be more of them than were looked at. */
  readonly more: boolean;
  /** What this person asked for, newest first. */
  readonly asked: readonly Deployment[];
  /** Said on top, once: why what was just done did not count. Ready for Slack. */
  readonly note: string | null;
}

function question(deployment: Deployment): Block[] {
  const { approval, requestedBy, description, id } = deployment;
  const given = approval.decisions.length;
  const facts = [
    requestedBy === null ? 'nobody is named as requester' : `asked for by ${person(requestedBy, 150)}`,
    `${String(given)} of ${String(approval.required)} ${approval.required === 1 ? 'approval' : 'approvals'}`,
    ...(approval.expiresAt === null ? [] : [`expires ${time(approval.expiresAt)}`]),
  ];
  const words = prose((description ?? '').replace(/\s+/gu, ' '), 300);
  const text = `${subjectOf(deployment)}\n${facts.join(' · ')}${words === '' ? '' : `\n${words}`}`;
  return [{ type: 'section', text: mrkdwn(text) }, buttons(deployment, `${DECISION_BLOCK}:${id}`)];
}

function waitingBlocks({ waiting, more }: Home): ViewBlock[] {
  const header: ViewBlock = { type: 'header', text: plain('Waiting for you') };
  if (waiting.length === 0) return [header, { type: 'section', text: mrkdwn('Nothing waits for your decision.') }];
  const rest = waiting.length - HOME_SIZE;
  const others = `… and ${more ? 'more than ' : ''}${String(rest)} more. Those that expire first are shown.`;
  return [
    header,
    ...waiting.slice(0, HOME_SIZE).flatMap(question),
    ...(rest > 0 ? [{ type: 'context', elements: [mrkdwn(others)] } as const] : []),
  ];
}

function askedBlocks({ asked }: Home): ViewBlock[] {
  if (asked.length === 0) return [];
  const lines = asked.slice(0, ASKED_SIZE).map((one): ViewBlock => ({ type: 'section', text: mrkdwn(deploymentLine(one, null)) }));
  return [{ type: 'divider' }, { type: 'header', text: plain('You asked for') }, ...lines];
}

/** The app's Home of one person: what they may decide, with buttons that work as in the channel, and what they asked for. */
export function homeView(home: Home): HomeView {
  const note: ViewBlock[] = home.note === null ? [] : [{ type: 'section', text: mrkdwn(`:warning: ${home.note}`) }];
  return { type: 'home', blocks: [...note, ...waitingBlocks(home), ...askedBlocks(home)] };
}
