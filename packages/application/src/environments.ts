import { type DefaultPolicy, DomainError, type Environment, type EnvironmentFields, type OwnPolicy } from '@deptracker/domain';
import { type Database, type UnitOfWork, insertEnvironment, lockConfiguration, lockEnvironment, recordSettingEvent, saveEnvironment } from '@deptracker/store';
import { ignoredBecause } from './configurations.js';
import { type SettingChange, type SettingContext, assertSeen, changesBetween } from './setting-change.js';

function fieldsOf({ rank, production, approvalPolicy }: Environment): EnvironmentFields {
  return { rank, production, approvalPolicy };
}

/** There is no environment of this name. */
export function noEnvironment(name: string): DomainError {
  return new DomainError({ code: 'environment_not_found', name }, `There is no environment ${name}.`);
}

/** How many are required by default, which nobody changes before the unit of work ends. */
async function requiredByDefault(uow: UnitOfWork, { approvalsRequired }: DefaultPolicy): Promise<number> {
  const stored = await lockConfiguration(uow, 'approvals.required');
  return stored.value === null || ignoredBecause(stored) !== null ? approvalsRequired : (stored.value as number);
}

/** A policy under which nobody could ever approve is a mistake. */
async function assertReachable(uow: UnitOfWork, { required, eligible }: OwnPolicy, defaults: DefaultPolicy): Promise<void> {
  if (eligible === null) return;
  const approvalsRequired = required ?? (await requiredByDefault(uow, defaults));
  if (eligible.length >= approvalsRequired) return;
  throw new DomainError(
    { code: 'quorum_unreachable', required: approvalsRequired, eligible: eligible.length },
    `${approvalsRequired} approvals are required, but only ${eligible.length} people are eligible.`,
  );
}

/** Creates it with its event; null where there is one of this name already. `origin` says what else caused it. */
export async function addEnvironment(
  uow: UnitOfWork,
  name: string,
  fields: EnvironmentFields,
  { actor, requestId }: SettingContext,
  origin?: 'deployment',
): Promise<Environment | null> {
  const created = await insertEnvironment(uow, name, fields);
  if (created === null) return null;
  const data = { name, ...fieldsOf(created), ...(origin === undefined ? {} : { origin }) };
  await recordSettingEvent(uow, { subjectKind: 'environment', subjectId: name, revision: 1, type: 'environment.created', actor, data, requestId });
  return created;
}

/** Raises `environment_exists` and `quorum_unreachable`. */
export async function createEnvironment(
  uow: UnitOfWork,
  name: string,
  fields: EnvironmentFields,
  context: SettingContext & { readonly defaults: DefaultPolicy },
): Promise<Environment> {
  await assertReachable(uow, fields.approvalPolicy, context.defaults);
  const created = await addEnvironment(uow, name, fields, context);
  if (created === null) throw new DomainError({ code: 'environment_exists', name }, `There is an environment ${name} already; change it instead.`);
  return created;
}

interface Changed {
  readonly fields: EnvironmentFields;
  readonly archived: boolean;
  readonly type: `environment.${string}`;
}

type Rule = (before: Environment, uow: UnitOfWork) => Promise<Changed>;

function change(database: Database, name: string, { actor, requestId, expectedRevision }: SettingChange, rule: Rule): Promise<Environment> {
  return database.transaction(async (uow) => {
    const before = await lockEnvironment(uow, name);
    if (before === null) throw noEnvironment(name);
    assertSeen('The environment', before.revision, expectedRevision);
    const { fields, archived, type } = await rule(before, uow);
    const isArchived = before.archivedAt !== null;
    const changes = changesBetween({ ...fieldsOf(before), archived: isArchived }, { ...fields, archived });
    if (changes === null) return before;
    const after = await saveEnvironment(uow, name, fields, archived);
    const { revision } = after;
    await recordSettingEvent(uow, { subjectKind: 'environment', subjectId: name, revision, type, actor, data: { changes }, requestId });
    return after;
  });
}

/** Fields that are left out stay; so do those of the policy. */
export type EnvironmentEdit = Partial<Omit<EnvironmentFields, 'approvalPolicy'>> & { readonly approvalPolicy?: Partial<OwnPolicy> };

/**
 * Changes what is given; the same again changes nothing. Deployments that were asked for before keep the policy of then.
 * Raises `environment_not_found`, `revision_mismatch` and `quorum_unreachable`.
 */
export function updateEnvironment(
  database: Database,
  name: string,
  { approvalPolicy: edited, ...edit }: EnvironmentEdit,
  context: SettingChange & { readonly defaults: DefaultPolicy },
): Promise<Environment> {
  return change(database, name, context, async (before, uow) => {
    const approvalPolicy = { ...before.approvalPolicy, ...edited };
    // Where the policy stays as it is, a default that has changed since must not stand in the way of a new rank.
    if (edited !== undefined) await assertReachable(uow, approvalPolicy, context.defaults);
    return { fields: { ...fieldsOf(before), ...edit, approvalPolicy }, archived: before.archivedAt !== null, type: 'environment.updated' };
  });
}

/** Nothing more can be deployed to an archived environment until it is restored; raises like `updateEnvironment`. */
export function archiveEnvironment(
  database: Database,
  name: string,
  archived: boolean,
  context: SettingChange & { readonly defaults: DefaultPolicy },
): Promise<Environment> {
  const type = archived ? 'environment.archived' : 'environment.restored';
  return change(database, name, context, async (before, uow) => {
    // While it was archived the default could be raised beyond it.
    if (!archived && before.archivedAt !== null) await assertReachable(uow, before.approvalPolicy, context.defaults);
    return { fields: fieldsOf(before), archived, type };
  });
}
