import { REDACTED, isSecretName, redactText } from './redact.js';
import { plain } from './serialise.js';

type Fields = Readonly<Record<string, unknown>>;

const FIRST: ReadonlySet<string> = new Set(['timestamp', 'level', 'message']);

interface Name {
  /** As JSON has it. */
  readonly quoted: string;
  readonly secret: boolean;
}

/** Names of fields are few and the same on every line; who logs what others named must not fill the memory. */
const MOST_NAMES = 1_000;
const names = new Map<string, Name>();

/** Fields never replace the first three: one that has their name gets an underscore. */
function nameOf(name: string): Name {
  const known = names.get(name);
  if (known !== undefined) return known;
  const made = { quoted: JSON.stringify(FIRST.has(name) ? `${name}_` : name), secret: isSecretName(name) };
  if (names.size < MOST_NAMES) names.set(name, made);
  return made;
}

/** Fields as members of a JSON object, each after a comma; without credentials, cycles or Errors; never throws on data. */
export function membersOf(fields: Fields): string {
  let text = '';
  for (const name of Object.keys(fields)) {
    const { quoted, secret } = nameOf(name);
    const value = fields[name];
    const json = JSON.stringify(secret && value !== null && value !== undefined ? REDACTED : plain(value, [])) as string | undefined;
    if (json !== undefined) text += `,${quoted}:${json}`;
  }
  return text;
}

interface Entry {
  readonly level: string;
  readonly message: string;
  /** What every line of the logger carries, and the same as members. */
  readonly base: Fields;
  readonly always: string;
  readonly fields: Fields;
}

/** One line of JSON: timestamp, level, message, then the fields; those of the entry replace those of its logger. */
export function lineOf({ level, message, base, always, fields }: Entry): string {
  const replaced = Object.keys(fields).some((name) => Object.hasOwn(base, name));
  const members = replaced ? membersOf({ ...base, ...fields }) : always + membersOf(fields);
  return `{"timestamp":"${new Date().toISOString()}","level":"${level}","message":${JSON.stringify(redactText(message))}${members}}`;
}
