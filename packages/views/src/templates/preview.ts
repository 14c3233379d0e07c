import type { Decision, Deployment, RecordedEvent, TemplatePurpose } from '@deptracker/domain';
import type { Adf } from '../adf.js';
import { approvalMessage } from '../approval-message.js';
import type { Block } from '../block.js';
import { digestMessage, replyMessage } from '../notice-line.js';
import { ticketFields } from '../ticket-fields.js';
import type { Template } from './compile.js';
import { PURPOSE_RULES, REPLY_LIMIT } from './purposes.js';
import { ROOM_FOR, type Subject } from './scene.js';
import { type Templates, renderText, withTemplate } from './template-set.js';

/** What a preview tells of; an event is there, since every deployment has one. */
export interface PreviewSubject extends Omit<Subject, 'thread'> {
  readonly event: RecordedEvent;
}

/** What would be sent, as it would be sent. */
export interface Preview {
  /** The text that the template makes, as a reader sees it. */
  readonly plain: string;
  readonly messages: readonly { readonly kind: 'slack.approval' | 'slack.reply' | 'slack.digest'; readonly text: string; readonly blocks: readonly Block[] | null }[];
  readonly ticket: { readonly summary: string; readonly description: Adf } | null;
  readonly email: { readonly subject: string; readonly body: string } | null;
}

const AT = new Date('2026-11-20T16:19:09.901Z');
const before = (minutes: number): Date => new Date(AT.getTime() - minutes * 60_000);
const ID = '01a1f9c1-1f18-73d2-9c31-723516cb0a45';

const FIRST: Decision = { decision: 'approve', actor: 'carol@example.com', reason: null, at: before(2) };
const LAST: Decision = { decision: 'approve', actor: 'bob@example.com', reason: 'looks good', at: AT };

const EXAMPLE: Deployment = {
  id: ID,
  revision: 3,
  project: 'user-service',
  environment: 'production',
  version: '1.4.0',
  commitSha: '9f2c1e7b0d5a4c3e8f6a7b9c0d1e2f3a4b5c6d7e',
  ref: 'main',
  description: 'Faster sign-in & fewer <errors>.\n\nRuns for about ten minutes.',
  requestedBy: 'alice@example.com',
  source: 'ci',
  externalId: 'run-812',
  links: [{ title: 'Build 812', url: 'https://ci.example.com/812' }],
  metadata: { team: 'identity' },
  retryOf: null,
  rollbackOf: null,
  promotedFrom: null,
  status: 'pending',
  approval: { status: 'pending', required: 2, eligible: null, requesterMayApprove: false, expiresAt: before(-1440), decisions: [FIRST] },
  channelId: 'C0DEPLOYS',
  timeoutSeconds: 7200,
  createdAt: before(5),
  updatedAt: AT,
  startedAt: null,
  finishedAt: null,
};

const APPROVED: Deployment = {
  ...EXAMPLE,
  status: 'approved',
  approval: { ...EXAMPLE.approval, status: 'approved', decisions: [FIRST, LAST] },
};

/** A deployment as there are many: for news one that was just approved, for the rest one that waits for it. */
export function exampleSubject(purpose: TemplatePurpose, project = EXAMPLE.project): PreviewSubject {
  const news = purpose === 'notice' || purpose.startsWith('email');
  return {
    deployment: { ...(news ? APPROVED : EXAMPLE), project },
    event: {
      id: '01a1f9c1-2fd1-712a-80b1-4cd228c41edd',
      deploymentId: ID,
      type: 'deployment.approved',
      revision: 3,
      actor: LAST.actor,
      data: { from: 'pending', to: 'approved' },
      at: AT,
    },
    ticket: { key: 'OPS-1', url: 'https://example.atlassian.net/browse/OPS-1' },
  };
}

const READ: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** What a reader of Slack sees of a text, but for its formatting. */
function readable(text: string): string {
  return text
    .replace(/<([^<>|]*)(?:\|([^<>]*))?>/gu, (_token, address: string, shown?: string) => shown ?? address)
    .replace(/&(?:amp|lt|gt);/gu, (entity) => READ[entity] ?? entity);
}

function messagesOf(purpose: TemplatePurpose, { deployment, event, ticket }: PreviewSubject, templates: Templates): Preview['messages'] {
  if (purpose === 'approval') return [{ kind: 'slack.approval', ...approvalMessage(deployment, { ticket, templates }) }];
  if (purpose !== 'notice') return [];
  return [
    { kind: 'slack.reply', ...replyMessage(deployment, event, templates), blocks: null },
    { kind: 'slack.digest', ...digestMessage([{ deployment, event }], templates) },
  ];
}

/** Renders a template that is not stored in the place of the one in force. */
export function previewTemplate(template: Template, subject: PreviewSubject, inForce: Templates): Preview {
  const { purpose } = template;
  const templates = withTemplate(inForce, template);
  const { deployment } = subject;
  const text = (one: TemplatePurpose): string => {
    const notice = one === 'notice';
    const room = one === 'approval' ? ROOM_FOR.approval : notice ? ROOM_FOR.reply : ROOM_FOR.ticket;
    return renderText(templates, one, { ...subject, thread: notice }, room, notice ? REPLY_LIMIT : undefined);
  };
  return {
    plain: PURPOSE_RULES[purpose].markup === 'slack' ? readable(text(purpose)) : text(purpose),
    messages: messagesOf(purpose, subject, templates),
    ticket: purpose.startsWith('ticket') ? ticketFields(deployment, templates) : null,
    email: purpose.startsWith('email') ? { subject: text('email-subject'), body: text('email-body') } : null,
  };
}
