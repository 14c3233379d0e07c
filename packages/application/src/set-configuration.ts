import { CONFIGURATIONS, type ConfigurationKey, DomainError, canonicalJson } from '@deptracker/domain';
import { type Database, type StoredConfiguration, type UnitOfWork, findUnreachable, lockConfiguration, recordSettingEvent, saveConfiguration } from '@deptracker/store';
import { type SettingChange, assertSeen } from './setting-change.js';

/** How many environments a refusal names. */
const MOST_NAMED = 5;

/** As with an environment's own policy: a default under which nobody could ever approve is a mistake. */
async function assertReachable(uow: UnitOfWork, required: number): Promise<void> {
  const found = await findUnreachable(uow, required, MOST_NAMED + 1);
  if (found.length === 0) return;
  const environments = found.slice(0, MOST_NAMED);
  const more = found.length > MOST_NAMED ? ' and others' : '';
  throw new DomainError(
    { code: 'quorum_unreachable', required, environments },
    `${required} approvals would be required, but fewer people are eligible in ${environments.join(', ')}${more}: change the policies there first.`,
  );
}

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

interface Change {
  /** Null lets the default hold. */
  readonly stored: unknown;
  readonly inForce: unknown;
}

function change(database: Database, key: ConfigurationKey, { stored, inForce }: Change, by: SettingChange): Promise<StoredConfiguration> {
  return database.transaction(async (uow) => {
    // Whoever gives an environment a policy that rests on it waits here.
    const before = await lockConfiguration(uow, key);
    assertSeen(key, before.revision, by.expectedRevision);
    const changes = canonicalJson(before.value) !== canonicalJson(stored);
    if (key === 'approvals.required' && changes) await assertReachable(uow, inForce as number);
    return save(uow, before, stored, by);
  });
}

/**
 * Sets a configuration; the same value again changes nothing and makes no event. Raises `value_not_allowed`,
 * `revision_mismatch` and `quorum_unreachable`.
 */
export async function setConfiguration(database: Database, key: ConfigurationKey, value: unknown, by: SettingChange): Promise<StoredConfiguration> {
  const { kind } = CONFIGURATIONS[key];
  if (!kind.fits(value)) {
    const { expects, schema: allowed } = kind;
    throw new DomainError({ code: 'value_not_allowed', expects, allowed }, `The value of ${key} must be ${expects}.`);
  }
  return change(database, key, { stored: value, inForce: value }, by);
}

/** Lets the default, which is given with the change, hold again; raises `revision_mismatch` and `quorum_unreachable`. */
export function resetConfiguration(
  database: Database,
  key: ConfigurationKey,
  by: SettingChange & { readonly default: unknown },
): Promise<StoredConfiguration> {
  return change(database, key, { stored: null, inForce: by.default }, by);
}
