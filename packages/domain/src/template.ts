/** What a template is for. */
export const TEMPLATE_PURPOSES = ['approval', 'notice', 'ticket-summary', 'ticket-description', 'email-subject', 'email-body'] as const;

export type TemplatePurpose = (typeof TEMPLATE_PURPOSES)[number];

/** The text of one purpose, for one project or for all that have none of their own (`project` null). */
export interface MessageTemplate {
  readonly id: string;
  readonly revision: number;
  readonly purpose: TemplatePurpose;
  readonly project: string | null;
  /** In Mustache's syntax (https://mustache.github.io/mustache.5.html). */
  readonly body: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Something wrong in a template; lines and columns count from 1, columns in characters. */
export interface TemplateMistake {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}
