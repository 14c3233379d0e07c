import { CONFIGURATIONS, type ConfigurationKey, DomainError, canonicalJson } from '@deptracker/domain';
import { type Database, type StoredConfiguration, type UnitOfWork, lockConfiguration, recordSettingEvent, saveConfiguration } from '@deptracker/store';
import { type SettingChange, assertSeen } from './setting-change.js';

async function save(
  uow: UnitOfWork,
  before: StoredConfiguration,
  value: unknown,
  { actor, requestId }: SettingChange,
): Promise<StoredConfiguration> {
  if (canonicalJson(before.value) === canonicalJson(value)) return before;
  const { key } = before;
  const after = await saveConfiguration(uow, key, value, actor);
  await recordSettingEvent(uow, {
    subjectKind: 'configuration',
    subjectId: key,
    revision: after.revision,
    type: value === null ? 'configuration.reset' : 'configuration.updated',
    actor,
    data: { changes: { value: { from: before.value, to: value } } },
    requestId,
  });
  return after;
}

function change(database: Database, key: ConfigurationKey, value: unknown, by: SettingChange): Promise<StoredConfiguration> {
  return database.transaction(async (uow) => {
    const before = await lockConfiguration(uow, key);
    assertSeen(key, before.revision, by.expectedRevision);
    return save(uow, before, value, by);
  });
}

/**
 * Sets a configuration; the same value again changes nothing and makes no event. Raises `value_not_allowed` and
 * `revision_mismatch`.
 */
export async function setConfiguration(database: Database, key: ConfigurationKey, value: unknown, by: SettingChange): Promise<StoredConfiguration> {
  const { kind } = CONFIGURATIONS[key];
  if (!kind.fits(value)) {
    const { expects, schema: allowed } = kind;
    throw new DomainError({ code: 'value_not_allowed', expects, allowed }, `The value of ${key} must be ${expects}.`);
  }
  return change(database, key, value, by);
}

/** Lets the default hold again; raises `revision_mismatch`. */
export function resetConfiguration(database: Database, key: ConfigurationKey, by: SettingChange): Promise<StoredConfiguration> {
  return change(database, key, null, by);
}
