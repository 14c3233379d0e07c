import { type MessageTemplate, TEMPLATE_PURPOSES, type TemplateMistake, type TemplatePurpose } from '@deptracker/domain';
import { type Template, compileTemplate } from './compile.js';
import { PURPOSE_RULES } from './purposes.js';
import { renderTemplate } from './render.js';
import type { Room, Subject } from './scene.js';

/** The templates in force. */
export interface Templates {
  /** The project's own, else that of all projects, else the built-in one. */
  find(purpose: TemplatePurpose, project: string): Template;
}

function builtIn(purpose: TemplatePurpose): Template {
  const compiled = compileTemplate(purpose, PURPOSE_RULES[purpose].builtIn);
  if ('mistakes' in compiled) throw new Error(`The built-in template ${purpose} is not valid: ${JSON.stringify(compiled.mistakes)}`);
  return compiled.template;
}

const COMPILED = new Map(TEMPLATE_PURPOSES.map((purpose) => [purpose, builtIn(purpose)]));

const builtInOf = (purpose: TemplatePurpose): Template => COMPILED.get(purpose) ?? builtIn(purpose);

/** What is said where nobody has stored another template. */
export const BUILT_IN_TEMPLATES: Templates = { find: builtInOf };

/** The text of a purpose. Where the stored template has nothing to say and something must be said, the built-in one speaks. */
export function renderText(templates: Templates, purpose: TemplatePurpose, subject: Subject, room: Room, limit?: number): string {
  const template = templates.find(purpose, subject.deployment.project);
  const text = renderTemplate(template, subject, room, limit);
  return text === '' && PURPOSE_RULES[purpose].required ? renderTemplate(builtInOf(purpose), subject, room, limit) : text;
}

/** The same templates with another one in the place of whatever is in force for its purpose. */
export function withTemplate(templates: Templates, template: Template): Templates {
  return { find: (purpose, project) => (purpose === template.purpose ? template : templates.find(purpose, project)) };
}

/** A stored template; without a body where `known` has said that this revision was read before. */
export type StoredTemplate = Pick<MessageTemplate, 'id' | 'revision' | 'purpose' | 'project'> & { readonly body: string | null };

export interface TemplateReaderOptions {
  /** All stored templates. Those whose `<id>@<revision>` is known may come without their bodies. */
  readonly read: (known: readonly string[]) => Promise<readonly StoredTemplate[]>;
  /** A stored template is not valid (any more): others are used instead. Told once per revision. */
  readonly onUnusable: (template: Pick<StoredTemplate, 'id' | 'purpose' | 'project'>, mistakes: readonly TemplateMistake[]) => void;
}

const keyOf = ({ id, revision }: Pick<StoredTemplate, 'id' | 'revision'>): string => `${id}@${revision}`;
const placeOf = (purpose: TemplatePurpose, project: string | null): string => JSON.stringify([purpose, project]);

/** Reads the templates that are in force now; compiles each revision once. */
export function createTemplateReader({ read, onUnusable }: TemplateReaderOptions): () => Promise<Templates> {
  /** Null is one that is not valid. */
  let compiled = new Map<string, Template | null>();

  function compile(stored: StoredTemplate): Template | null | undefined {
    const before = compiled.get(keyOf(stored));
    // Without a body it was forgotten while it was read: the next reading brings it.
    if (before !== undefined || stored.body === null) return before;
    const result = compileTemplate(stored.purpose, stored.body);
    if ('template' in result) return result.template;
    onUnusable(stored, result.mistakes);
    return null;
  }

  return async () => {
    const all = await read([...compiled.keys()]);
    // A newer version may have stored purposes that this one does not know.
    const stored = all.filter(({ purpose }) => TEMPLATE_PURPOSES.includes(purpose));
    const now = new Map<string, Template | null>();
    const inForce = new Map<string, Template>();
    for (const one of stored) {
      const template = compile(one);
      if (template !== undefined) now.set(keyOf(one), template);
      if (template) inForce.set(placeOf(one.purpose, one.project), template);
    }
    compiled = now;
    return {
      find: (purpose, project) => inForce.get(placeOf(purpose, project)) ?? inForce.get(placeOf(purpose, null)) ?? builtInOf(purpose),
    };
  };
}
