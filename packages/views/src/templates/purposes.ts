import type { TemplatePurpose } from '@deptracker/domain';
import { JIRA_SUMMARY_LIMIT } from '../adf.js';

/** A message has room for this much besides facts, approvals and who may decide. */
const BODY = 2500;

export interface PurposeRule {
  readonly meaning: string;
  /** How what the template says itself is written; values are escaped for the same place. */
  readonly markup: 'slack' | 'plain';
  /** Most UTF-16 units of the rendered text; what is longer is cut. */
  readonly limit: number;
  /** Most that the template itself may say of these, so that there is room for what it tells. */
  readonly literal: number;
  readonly lines: 'one' | 'many';
  /** Nothing cannot be sent: where nothing is rendered, the built-in template is used. */
  readonly required: boolean;
  readonly builtIn: string;
}

/** What each purpose is and may be. The built-in templates are what is said where nobody has stored another one. */
export const PURPOSE_RULES: Readonly<Record<TemplatePurpose, PurposeRule>> = {
  'approval': {
    meaning: 'The text of the message that asks for an approval, between the facts and the approvals.',
    markup: 'slack',
    limit: BODY,
    literal: 2000,
    lines: 'many',
    required: false,
    builtIn: '{{deployment.description}}',
  },
  'notice': {
    meaning: 'One line of news: a reply in the thread of an approval message, or a line of a digest.',
    markup: 'slack',
    // A line of a digest, of which fifty are one message. A reply may be longer: `REPLY_LIMIT`.
    limit: 255,
    literal: 120,
    lines: 'one',
    required: true,
    builtIn:
      '{{event.emoji}} {{#thread}}{{event.capitalized}}{{/thread}}{{^thread}}*{{deployment.project}}* {{deployment.version}}' +
      ' → {{deployment.environment}}: {{event.sentence}}{{/thread}}',
  },
  'ticket-summary': {
    meaning: 'The summary of a ticket.',
    markup: 'plain',
    limit: JIRA_SUMMARY_LIMIT,
    literal: 155,
    lines: 'one',
    required: true,
    builtIn: '{{deployment.project}} {{deployment.version}} → {{deployment.environment}}',
  },
  'ticket-description': {
    meaning: 'The text that a ticket begins with, above the facts and the approval. A blank line starts a paragraph.',
    markup: 'plain',
    limit: 20_000,
    literal: 8000,
    lines: 'many',
    required: false,
    builtIn: '{{deployment.description}}',
  },
  'email-subject': {
    meaning: 'The subject of an e-mail. Nothing sends e-mails yet.',
    markup: 'plain',
    limit: 255,
    literal: 155,
    lines: 'one',
    required: true,
    builtIn: '{{deployment.project}} {{deployment.version}} → {{deployment.environment}}: {{event.sentence}}',
  },
  'email-body': {
    meaning: 'The text of an e-mail, without formatting. Nothing sends e-mails yet.',
    markup: 'plain',
    limit: 20_000,
    literal: 8000,
    lines: 'many',
    required: true,
    builtIn: `{{event.capitalized}}.

{{deployment.project}} {{deployment.version}} → {{deployment.environment}}
{{#deployment.requestedBy}}
Requested by {{deployment.requestedBy}}
{{/deployment.requestedBy}}
{{#ticket}}
Ticket: {{link}}
{{/ticket}}

{{deployment.description}}`,
  },
};

/** A reply stands alone and may be as long as one message. */
export const REPLY_LIMIT = 4000;
