import {
  type ChannelMappings,
  type Configurations,
  type GroundOptions,
  createChannelMappings,
  createConfigurations,
  noticeDelayOf,
} from '@deptracker/application';
import { type ConfigurationKey, type ConfigurationValues, type EventType, mappedChannel, wrongDefaults } from '@deptracker/domain';
import { ConfigError, type Logger } from '@deptracker/runtime';
import type { ChangeFeed, Database } from '@deptracker/store';
import type { ApiConfig } from './api-config.js';

/** A change by another process holds here after so many milliseconds, also while no notice arrives. */
const MAX_AGE_MS = 2_000;

/** What people set while everything runs, as it holds now. */
export interface Settings {
  readonly defaults: ConfigurationValues;
  readonly configurations: Configurations<ConfigurationKey>;
  readonly mappings: ChannelMappings;
  readonly noticeDelayMs: () => Promise<number>;
  /** What the ground of a new deployment takes from the settings. */
  readonly forGround: Pick<GroundOptions, 'defaults' | 'channel'>;
}

/** What holds while nobody has set anything; a variable with a value that could not be set is a `ConfigError`. */
export function configurationDefaults(config: ApiConfig): ConfigurationValues {
  const defaults: ConfigurationValues = {
    'approvals.required': config.DEFAULT_APPROVALS_REQUIRED,
    'approvals.ttl': Math.ceil(config.DEFAULT_APPROVAL_TTL / 1000),
    'deployments.timeout': Math.ceil(config.DEFAULT_DEPLOYMENT_TIMEOUT / 1000),
    'deployments.unknown-environment': 'create',
    'deployments.unknown-project': 'create',
    // Checked below.
    'jira.comment-on': [...new Set(config.JIRA_COMMENT_ON)] as EventType[],
    'slack.channel': config.SLACK_CHANNEL_ID,
    'slack.digest-window': config.SLACK_DIGEST_WINDOW / 1000,
  };
  const mistakes = wrongDefaults(defaults);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return defaults;
}

type Force = Awaited<ReturnType<Configurations<ConfigurationKey>['get']>>;

function asDefaults(force: Force): Awaited<ReturnType<GroundOptions['defaults']>> {
  return {
    policy: {
      approvalsRequired: force['approvals.required'],
      eligible: null,
      requesterMayApprove: false,
      approvalTtlSeconds: force['approvals.ttl'],
      timeoutSeconds: force['deployments.timeout'],
    },
    channelId: force['slack.channel'],
    unknownProject: force['deployments.unknown-project'],
    unknownEnvironment: force['deployments.unknown-environment'],
  };
}

interface SettingsOptions {
  readonly defaults: ConfigurationValues;
  readonly database: Database;
  readonly changes: ChangeFeed;
  readonly logger: Logger;
}

/** Reads the settings from the database, anew whenever one of them changes. */
export function createSettings({ defaults, database, changes, logger }: SettingsOptions): Settings {
  const fresh = { database, changes, maxAgeMs: MAX_AGE_MS };
  const configurations = createConfigurations({ ...fresh, defaults, logger });
  const mappings = createChannelMappings(fresh);
  return {
    defaults,
    configurations,
    mappings,
    noticeDelayMs: noticeDelayOf(configurations),
    forGround: {
      defaults: async () => asDefaults(await configurations.get()),
      channel: async (project, environment) => mappedChannel(await mappings.get(), { project, environment }),
    },
  };
}
