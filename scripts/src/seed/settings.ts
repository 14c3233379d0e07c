import { ConfigError } from '@deptracker/runtime';
import type { Variables } from '../local/environment.js';

/** What `make seed` makes. */
export interface SeedSettings {
  readonly projects: number;
  readonly deployments: number;
  /** Whether what belongs to a deployment is made as well: events, decisions, links, tickets, messages. */
  readonly relationships: boolean;
  /** The same number gives the same history. */
  readonly seed: number;
  /** When the history ends. */
  readonly until: Date;
}

const MOST_PROJECTS = 1_000;
const MOST_DEPLOYMENTS = 5_000_000;
const MOST_SEED = 4_294_967_295;
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

type Parse<T> = (text: string) => T | undefined;

const whole = (from: number, to: number): Parse<number> => (text) => {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= from && value <= to ? value : undefined;
};

const flag: Parse<boolean> = (text) => ({ true: true, false: false })[text];

const moment: Parse<Date> = (text) => {
  const value = new Date(text);
  // A day that does not exist, such as 2026-02-30, is not to become another one.
  const exists = text.slice(0, 10) === new Date(`${text.slice(0, 10)}T00:00Z`.replace('Z', ':00Z')).toJSON()?.slice(0, 10);
  return MOMENT.test(text) && exists && !Number.isNaN(value.getTime()) ? value : undefined;
};

/** Reads the variables; throws ConfigError with every mistake at once. */
export function seedSettings(env: Variables, now: Date): SeedSettings {
  const mistakes: string[] = [];
  function read<T>(name: string, fallback: T, parse: Parse<T>, expects: string): T {
    const text = env[name]?.trim();
    if (text === undefined) return fallback;
    const value = parse(text);
    if (value === undefined) mistakes.push(`${name} must be ${expects}; it is ${JSON.stringify(text)}.`);
    return value ?? fallback;
  }
  const settings: SeedSettings = {
    projects: read('SEED_PROJECT_COUNT', 20, whole(1, MOST_PROJECTS), `a whole number from 1 to ${MOST_PROJECTS}, such as 20`),
    deployments: read('SEED_DEPLOYMENT_COUNT', 2_000, whole(1, MOST_DEPLOYMENTS), `a whole number from 1 to ${MOST_DEPLOYMENTS}, such as 2000`),
    relationships: read('SEED_RELATIONSHIPS', true, flag, 'true or false'),
    seed: read('SEED', 1, whole(0, MOST_SEED), `a whole number from 0 to ${MOST_SEED}, such as 1`),
    until: read('SEED_UNTIL', now, moment, 'a day or a time with zone, such as 2026-11-20T12:00:00Z'),
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return settings;
}
