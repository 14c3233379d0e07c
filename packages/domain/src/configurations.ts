import { EVENT_TYPES, type EventType } from './event.js';
import { type ValueKind, number, text, wholeNumber, word, words } from './value-kind.js';

/** What may be done with a name that nobody has created. */
type Unknown = 'create' | 'refuse';

/** The values that can be changed while everything runs, by key. Lengths of time are in seconds. */
export interface ConfigurationValues {
  readonly 'approvals.required': number;
  readonly 'approvals.ttl': number;
  readonly 'deployments.timeout': number;
  readonly 'deployments.unknown-environment': Unknown;
  readonly 'deployments.unknown-project': Unknown;
  readonly 'jira.comment-on': readonly EventType[];
  readonly 'slack.channel': string;
  readonly 'slack.digest-window': number;
}

export type ConfigurationKey = keyof ConfigurationValues;

export interface ConfigurationRow<T = unknown> {
  readonly kind: ValueKind<T>;
  readonly description: string;
  readonly unit: 'seconds' | 'people' | null;
  /** The environment variable whose value is the default; null where the default is the same everywhere. */
  readonly variable: string | null;
}

/** A channel's id, not its name. */
export const CHANNEL_ID = text(/^[CG][A-Z0-9]{1,20}$/, "a channel's id such as C0123ABCD (not its name)");

/** Ten years, which is also the longest that a variable takes. */
const LONGEST_S = 315_360_000;

/** Twenty days: its milliseconds are a whole number of the database. */
const LONGEST_WINDOW_S = 1_728_000;

const UNKNOWN = word(['create', 'refuse']);

/** Every key: which values it may have, and what people read about it. */
export const CONFIGURATIONS: { readonly [K in ConfigurationKey]: ConfigurationRow<ConfigurationValues[K]> } = {
  'approvals.required': {
    kind: wholeNumber(0, 20),
    description: 'Approvers that a new deployment needs where its environment does not say; 0 asks nobody.',
    unit: 'people',
    variable: 'DEFAULT_APPROVALS_REQUIRED',
  },
  'approvals.ttl': {
    kind: wholeNumber(1, LONGEST_S, ' of seconds'),
    description: 'How long people have to decide on a new deployment where its environment does not say, in seconds.',
    unit: 'seconds',
    variable: 'DEFAULT_APPROVAL_TTL',
  },
  'deployments.timeout': {
    kind: wholeNumber(1, LONGEST_S, ' of seconds'),
    description: 'How long the rollout of a new deployment may take where its environment does not say, in seconds.',
    unit: 'seconds',
    variable: 'DEFAULT_DEPLOYMENT_TIMEOUT',
  },
  'deployments.unknown-environment': {
    kind: UNKNOWN,
    description: 'What becomes of a new deployment to an environment that there is not: `create` makes the environment, `refuse` refuses the deployment.',
    unit: null,
    variable: null,
  },
  'deployments.unknown-project': {
    kind: UNKNOWN,
    description: 'What becomes of a new deployment of a project that there is not: `create` makes the project, `refuse` refuses the deployment.',
    unit: null,
    variable: null,
  },
  'jira.comment-on': {
    kind: words(EVENT_TYPES),
    description: "Types of events that a deployment's ticket gets a comment for.",
    unit: null,
    variable: 'JIRA_COMMENT_ON',
  },
  'slack.channel': {
    kind: CHANNEL_ID,
    description: 'The channel of a new deployment where neither a channel mapping nor its project says; the id, not the name.',
    unit: null,
    variable: 'SLACK_CHANNEL_ID',
  },
  'slack.digest-window': {
    kind: number(0, LONGEST_WINDOW_S, ' of seconds'),
    description: 'Notices to one channel within this time become one message, in seconds.',
    unit: 'seconds',
    variable: 'SLACK_DIGEST_WINDOW',
  },
};

/** All keys, in the order in which they are shown. */
export const CONFIGURATION_KEYS = (Object.keys(CONFIGURATIONS) as ConfigurationKey[]).sort();

/** What is wrong with values that come from the environment, a sentence for each. */
export function wrongDefaults(defaults: Partial<ConfigurationValues>): string[] {
  return CONFIGURATION_KEYS.flatMap((key) => {
    const { kind, variable } = CONFIGURATIONS[key];
    return !Object.hasOwn(defaults, key) || kind.fits(defaults[key]) ? [] : [`${variable ?? key} must be ${kind.expects}.`];
  });
}

/** A text that is a key, or not. */
export function isConfigurationKey(text: string): text is ConfigurationKey {
  return Object.hasOwn(CONFIGURATIONS, text);
}
