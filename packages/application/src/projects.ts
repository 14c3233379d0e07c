import { DomainError, type Project, type ProjectFields } from '@deptracker/domain';
import { type Database, type UnitOfWork, insertProject, lockProject, recordSettingEvent, saveProject } from '@deptracker/store';
import { type SettingChange, type SettingContext, assertSeen, changesBetween } from './setting-change.js';

function fieldsOf({ name, team, repositoryUrl, jiraProjectKey, defaultChannelId }: Project): ProjectFields {
  return { name, team, repositoryUrl, jiraProjectKey, defaultChannelId };
}

/** There is no project with this key. */
export function noProject(key: string): DomainError {
  return new DomainError({ code: 'project_not_found', key }, `There is no project ${key}.`);
}

/** Creates it with its event; null where there is one with this key already. `origin` says what else caused it. */
export async function addProject(
  uow: UnitOfWork,
  key: string,
  fields: ProjectFields,
  { actor, requestId }: SettingContext,
  origin?: 'deployment',
): Promise<Project | null> {
  const created = await insertProject(uow, key, fields);
  if (created === null) return null;
  const data = { key, ...fieldsOf(created), ...(origin === undefined ? {} : { origin }) };
  await recordSettingEvent(uow, { subjectKind: 'project', subjectId: key, revision: 1, type: 'project.created', actor, data, requestId });
  return created;
}

/** Raises `project_exists`. */
export async function createProject(uow: UnitOfWork, key: string, fields: ProjectFields, context: SettingContext): Promise<Project> {
  const created = await addProject(uow, key, fields, context);
  if (created === null) throw new DomainError({ code: 'project_exists', key }, `There is a project ${key} already; change it instead.`);
  return created;
}

type Rule = (before: Project) => { readonly fields: ProjectFields; readonly archived: boolean; readonly type: `project.${string}` };

function change(database: Database, key: string, { actor, requestId, expectedRevision }: SettingChange, rule: Rule): Promise<Project> {
  return database.transaction(async (uow) => {
    const before = await lockProject(uow, key);
    if (before === null) throw noProject(key);
    assertSeen('The project', before.revision, expectedRevision);
    const { fields, archived, type } = rule(before);
    const isArchived = before.archivedAt !== null;
    const changes = changesBetween({ ...fieldsOf(before), archived: isArchived }, { ...fields, archived });
    if (changes === null) return before;
    const after = await saveProject(uow, key, fields, archived);
    const { revision } = after;
    await recordSettingEvent(uow, { subjectKind: 'project', subjectId: key, revision, type, actor, data: { changes }, requestId });
    return after;
  });
}

/** Changes the fields that are given; the same again changes nothing. Raises `project_not_found` and `revision_mismatch`. */
export function updateProject(database: Database, key: string, edit: Partial<ProjectFields>, context: SettingChange): Promise<Project> {
  return change(database, key, context, (before) => ({
    fields: { ...fieldsOf(before), ...edit },
    archived: before.archivedAt !== null,
    type: 'project.updated',
  }));
}

/** Nothing more can be deployed of an archived project until it is restored; raises like `updateProject`. */
export function archiveProject(database: Database, key: string, archived: boolean, context: SettingChange): Promise<Project> {
  const type = archived ? 'project.archived' : 'project.restored';
  return change(database, key, context, (before) => ({ fields: fieldsOf(before), archived, type }));
}
