import { DomainError, type MessageTemplate, type TemplateMistake, type TemplatePurpose } from '@deptracker/domain';
import {
  type Database,
  type UnitOfWork,
  deleteTemplate as removeRow,
  findTemplateAt,
  insertTemplate,
  lockNewTemplates,
  lockTemplate,
  newId,
  recordSettingEvent,
  saveTemplateBody,
} from '@deptracker/store';
import { type SettingChange, type SettingContext, assertSeen } from './setting-change.js';

/** All of them are read by every process that renders. */
const MOST_TEMPLATES = 500;

/** What is wrong with a body for its purpose; nothing where it can be rendered. */
export type CheckTemplate = (purpose: TemplatePurpose, body: string) => readonly TemplateMistake[];

export interface NewTemplate {
  readonly purpose: TemplatePurpose;
  /** Null is for every project that has none of its own. */
  readonly project: string | null;
  readonly body: string;
}

interface Seen extends SettingChange {
  readonly id: string;
}

/** Raises `template_invalid` where a body could not be rendered. */
export function assertValidTemplate(check: CheckTemplate, purpose: TemplatePurpose, body: string): void {
  const mistakes = check(purpose, body);
  const [first, ...more] = mistakes;
  if (first === undefined) return;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  throw new DomainError({ code: 'template_invalid', mistakes }, `Line ${first.line}, column ${first.column}: ${first.message}${others}.`);
}

/** Adds a template; raises `template_invalid`, `template_exists` and `too_many_templates`. */
export async function createTemplate(uow: UnitOfWork, check: CheckTemplate, wanted: NewTemplate, context: SettingContext): Promise<MessageTemplate> {
  const { purpose, project, body } = wanted;
  assertValidTemplate(check, purpose, body);
  const count = await lockNewTemplates(uow);
  const found = await findTemplateAt(uow, purpose, project);
  if (found === null && count >= MOST_TEMPLATES) {
    throw new DomainError({ code: 'too_many_templates', most: MOST_TEMPLATES }, `There are ${MOST_TEMPLATES} templates, and no more are taken; delete one that is not needed.`);
  }
  const template = found === null ? await insertTemplate(uow, { id: newId(), ...wanted }) : null;
  if (template === null) {
    const whose = project === null ? 'all projects' : project;
    throw new DomainError({ code: 'template_exists', id: found?.id ?? null }, `There is a template ${purpose} for ${whose} already; change that one.`);
  }
  await recordSettingEvent(uow, {
    ...context, subjectKind: 'template', subjectId: template.id, revision: template.revision, type: 'template.created', data: { purpose, project, body },
  });
  return template;
}

async function lockSeen(uow: UnitOfWork, { id, expectedRevision }: Seen): Promise<MessageTemplate> {
  const template = await lockTemplate(uow, id);
  if (template === null) throw new DomainError({ code: 'template_not_found', id }, `There is no template ${id}.`);
  assertSeen('The template', template.revision, expectedRevision);
  return template;
}

/** Gives a template another body; the one that it has is no change. Raises `template_invalid`, `template_not_found` and `revision_mismatch`. */
export function updateTemplate(
  database: Pick<Database, 'transaction'>,
  check: CheckTemplate,
  { body, ...seen }: Seen & { readonly body: string },
): Promise<MessageTemplate> {
  const { actor, requestId } = seen;
  return database.transaction(async (uow) => {
    const before = await lockSeen(uow, seen);
    assertValidTemplate(check, before.purpose, body);
    if (before.body === body) return before;
    const after = await saveTemplateBody(uow, before, body);
    await recordSettingEvent(uow, {
      actor, requestId, subjectKind: 'template', subjectId: after.id, revision: after.revision, type: 'template.updated',
      data: { changes: { body: { from: before.body, to: after.body } } },
    });
    return after;
  });
}

/** Removes a template: whatever stands behind it is in force again. Raises `template_not_found` and `revision_mismatch`. */
export function deleteTemplate(database: Pick<Database, 'transaction'>, seen: Seen): Promise<void> {
  const { actor, requestId } = seen;
  return database.transaction(async (uow) => {
    const { id, revision, purpose, project, body } = await lockSeen(uow, seen);
    await removeRow(uow, id);
    await recordSettingEvent(uow, {
      actor, requestId, subjectKind: 'template', subjectId: id, revision: revision + 1, type: 'template.deleted', data: { purpose, project, body },
    });
  });
}
