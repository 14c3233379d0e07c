import { type MessageTemplate, TEMPLATE_PURPOSES, type TemplateMistake, type TemplatePurpose } from '@deptracker/domain';
import { PURPOSE_RULES, type Preview, compileTemplate, describedVariables } from '@deptracker/views';
import { iso } from '../../http/iso.js';

/** A template as the API shows it. */
export interface ShownTemplate {
  readonly id: string;
  readonly revision: number;
  readonly purpose: TemplatePurpose;
  readonly project: string | null;
  readonly body: string;
  readonly builtIn: boolean;
  readonly errors: readonly TemplateMistake[];
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
}

/** What is wrong with a body for its purpose. */
export function mistakesIn(purpose: TemplatePurpose, body: string): readonly TemplateMistake[] {
  const compiled = compileTemplate(purpose, body);
  return 'mistakes' in compiled ? compiled.mistakes : [];
}

/** A stored template as it is shown. */
export function presentTemplate({ id, revision, purpose, project, body, createdAt, updatedAt }: MessageTemplate): ShownTemplate {
  return {
    id,
    revision,
    purpose,
    project,
    body,
    builtIn: false,
    errors: mistakesIn(purpose, body).map(({ message, line, column }) => ({ message, line, column })),
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  };
}

/** The built-in template of a purpose, which is its id. */
export function presentBuiltIn(purpose: TemplatePurpose): ShownTemplate {
  const { builtIn: body } = PURPOSE_RULES[purpose];
  return { id: purpose, revision: 0, purpose, project: null, body, builtIn: true, errors: [], createdAt: null, updatedAt: null };
}

/** Everything that a writer of templates needs to know. */
export function presentVariables(): object {
  return {
    data: TEMPLATE_PURPOSES.map((purpose) => {
      const { meaning, lines, limit, literal } = PURPOSE_RULES[purpose];
      const variables = describedVariables(purpose).map(({ name, kind, meaning: means, example }) => ({ name, kind, meaning: means, example }));
      return { purpose, meaning, lines, limit, ownLimit: literal, variables };
    }),
  };
}

/** A preview as the API shows it; blocks and document are as the vendors get them. */
export function presentPreview(purpose: TemplatePurpose, deploymentId: string | null, { plain, messages, ticket, email }: Preview): object {
  return {
    purpose,
    deploymentId,
    plain,
    messages: messages.map(({ kind, text, blocks }) => ({ kind, text, blocks })),
    ticket: ticket === null ? null : { summary: ticket.summary, description: ticket.description },
    email: email === null ? null : { subject: email.subject, body: email.body },
  };
}
