import { ignoredBecause } from '@deptracker/application';
import { CONFIGURATIONS, type ConfigurationKey, type ConfigurationValues } from '@deptracker/domain';
import type { StoredConfiguration } from '@deptracker/store';
import { iso } from '../../http/iso.js';

/** A configuration as the API shows it; `stored` is null where it was never set. */
export function presentConfiguration(key: ConfigurationKey, stored: StoredConfiguration | null, defaults: ConfigurationValues) {
  const { kind, description, unit, variable } = CONFIGURATIONS[key];
  const ignored = stored !== null && ignoredBecause(stored) !== null;
  const set = stored !== null && stored.value !== null && !ignored;
  return {
    key,
    value: set ? stored.value : defaults[key],
    default: defaults[key],
    isDefault: !set,
    unit,
    schema: kind.schema,
    description,
    defaultFrom: variable,
    ignored: ignored ? stored.value : null,
    revision: stored?.revision ?? 0,
    updatedAt: iso(stored?.updatedAt ?? null),
    updatedBy: stored?.updatedBy ?? null,
  };
}
