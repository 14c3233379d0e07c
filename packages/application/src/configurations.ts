import { CONFIGURATIONS, type ConfigurationKey, type ConfigurationValues, isConfigurationKey } from '@deptracker/domain';
import { type ChangeFeed, type Database, type Fresh, type StoredConfiguration, createFresh, readConfigurations } from '@deptracker/store';

export interface ConfigurationsOptions<K extends ConfigurationKey> {
  readonly database: Database;
  /** What holds where nobody has set anything, for the keys that this process reads. */
  readonly defaults: Pick<ConfigurationValues, K>;
  /** Milliseconds after which a change holds here at the latest. */
  readonly maxAgeMs: number;
  /** Tells of changes at once; without it they hold after `maxAgeMs`. */
  readonly changes?: Pick<ChangeFeed, 'subscribe'>;
  /** Warned once of each stored value that does not hold. */
  readonly logger: { warn(message: string, fields: Readonly<Record<string, unknown>>): void };
}

/** The values in force, of the keys that this process reads. */
export type Configurations<K extends ConfigurationKey> = Fresh<Pick<ConfigurationValues, K>>;

/** Why a stored value does not hold; null where it does, or where the default was set again. */
export function ignoredBecause({ key, value }: StoredConfiguration): string | null {
  if (value === null) return null;
  if (!isConfigurationKey(key)) return 'there is no such key in this version';
  const { kind } = CONFIGURATIONS[key];
  return kind.fits(value) ? null : `this version takes ${kind.expects}`;
}

/**
 * The configurations as they hold now: what is stored, else the default. What another version of the code has stored and
 * this one does not accept is told of and has no effect. `get` rejects while the database is away.
 */
export function createConfigurations<K extends ConfigurationKey>(options: ConfigurationsOptions<K>): Configurations<K> {
  const { database, defaults, maxAgeMs, changes, logger } = options;
  const told = new Map<string, number>();

  function tell({ key, revision }: StoredConfiguration, reason: string): void {
    if (told.get(key) === revision) return;
    told.set(key, revision);
    logger.warn('a stored configuration is ignored', { key, revision, reason });
  }

  async function read(): Promise<Pick<ConfigurationValues, K>> {
    const values: Record<string, unknown> = { ...defaults };
    for (const stored of await readConfigurations(database)) {
      const reason = ignoredBecause(stored);
      if (reason !== null) tell(stored, reason);
      else if (stored.value !== null && Object.hasOwn(defaults, stored.key)) values[stored.key] = stored.value;
    }
    return values as unknown as Pick<ConfigurationValues, K>;
  }

  return createFresh({ read, maxAgeMs, ...(changes === undefined ? {} : { changes, kinds: ['configuration'] }) });
}

/** Milliseconds that a notice waits for others to join it in a digest, as configured now. */
export function noticeDelayOf(configurations: Configurations<'slack.digest-window'>): () => Promise<number> {
  return async () => Math.round(1000 * (await configurations.get())['slack.digest-window']);
}
