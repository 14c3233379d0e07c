import Joi from 'joi';
import { redactText } from '../log/redact.js';
import { ConfigError } from './config-error.js';
import { CROSS_CHECKS, REFUSED } from './cross-checks.js';
import type { Fragment, ValueOf, Variable } from './variable.js';

type Merged<F> = (F extends unknown ? (fragment: F) => void : never) extends (all: infer I) => void ? I : never;

/** What `loadConfig` returns for these fragments: a value for each variable's name. */
export type Config<F extends readonly Fragment[]> = {
  readonly [K in keyof Merged<F[number]>]: ValueOf<Merged<F[number]>[K]>;
};

/** Environment variables as `process.env` has them. An empty text counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

const LONGEST_SHOWN = 80;

function shown(text: string): string {
  const safe = redactText(text);
  return JSON.stringify(safe.length > LONGEST_SHOWN ? `${safe.slice(0, LONGEST_SHOWN)}…` : safe);
}

/** `part`: what of the text is wrong, where that is known. */
function mistakeOf(name: string, variable: Variable<unknown>, text: string | undefined, part: unknown): string {
  const example = variable.example ?? (variable.default || null);
  const wanted = example === null ? variable.expects : `${variable.expects}, such as ${example}`;
  if (text === undefined) return `${name} is not set; set it to ${wanted}. ${variable.description}`;
  if (typeof part === 'string') return `${name} must be ${wanted}; ${shown(part)} in it is wrong.`;
  const found = variable.secret ? 'what is set is not shown, because it is secret' : `it is ${shown(text)}`;
  return `${name} must be ${wanted}; ${found}.`;
}

function refusedNames(env: Environment): string[] {
  return Object.entries(REFUSED)
    .filter(([name]) => (env[name] ?? '').trim() !== '')
    .map(([name, advice]) => `${name} ${advice}`);
}

function crossMistakes(values: Readonly<Record<string, unknown>>): string[] {
  return CROSS_CHECKS.flatMap(({ names: [first, second], mistake }) => {
    const found = first in values && second in values ? mistake(values[first], values[second]) : null;
    return found === null ? [] : [found];
  });
}

/**
 * Reads the variables of all fragments from `env`, checks everything at once and returns typed values under the
 * variables' names (lengths of time in milliseconds, sizes in bytes, times of schedules in seconds).
 * Throws `ConfigError` that lists every mistake; other variables of `env` are left alone.
 */
export function loadConfig<const F extends readonly Fragment[]>(env: Environment, fragments: F): Config<F> {
  const variables: Fragment = Object.assign({}, ...fragments) as Fragment;
  const texts: Record<string, string | undefined> = {};
  const schemas: Record<string, Joi.Schema> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const text = env[name]?.trim() ?? '';
    texts[name] = text === '' ? (variable.default ?? undefined) : text;
    schemas[name] = variable.schema;
  }

  const result = Joi.object<Record<string, unknown>>(schemas).validate(texts, { abortEarly: false });
  const values = result.value as Readonly<Record<string, unknown>>;
  const wrong = new Map(result.error?.details.map(({ path, context }) => [String(path[0]), context?.['part'] as unknown]));
  const valid = Object.fromEntries(
    Object.keys(variables)
      .filter((name) => !wrong.has(name))
      .map((name) => [name, values[name]]),
  );
  const mistakes = [
    ...Object.entries(variables)
      .filter(([name]) => wrong.has(name))
      .map(([name, variable]) => mistakeOf(name, variable, texts[name], wrong.get(name))),
    ...crossMistakes(valid),
    ...refusedNames(env),
  ];
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze(valid) as Config<F>;
}
