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

/** Text that JSON holds as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function jsonOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return JSON.stringify(plain(value, []));
  const text = redactText(value);
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The moment as it stood last, since many lines are of one millisecond. */
let moment = 0;
let timestamp = '';

function now(): string {
  const at = Date.now();
  if (at !== moment) {
    moment = at;
    timestamp = new Date(at).toISOString();
  }
  return timestamp;
}

/** Fields as members of a JSON object, each after a comma; without credentials, cycles or Errors; never throws on data. */
export function membersOf(fields: Fields): string {
  let text = '';
  for (const name in fields) {
    const { quoted, secret } = nameOf(name);
    const value = fields[name];
    if (value === undefined) continue;
    const json = secret && value !== null ? `"${REDACTED}"` : jsonOf(value);
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
  let replaced = false;
  for (const name in fields) replaced ||= Object.hasOwn(base, name);
  const members = replaced ? membersOf({ ...base, ...fields }) : always + membersOf(fields);
  return `{"timestamp":"${now()}","level":"${level}","message":${jsonOf(message) ?? '""'}${members}}`;
}
