const COLOURS = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];
const LEVEL_COLOURS: Readonly<Record<string, number>> = { error: 31, warn: 33, info: 0, debug: 90 };
// Known from the prefix and the start of the line, or too long to help a person.
const HIDDEN = new Set(['timestamp', 'level', 'message', 'service', 'instance', 'request_id', 'effect_id']);
const LONGEST_VALUE = 200;

/** Turns a process's output line into one to show. */
export type LineFormat = (line: string) => string;

/**
 * How lines of the process `name` are shown: a prefix of `width` characters, then JSON log lines as time, level, message
 * and fields, anything else as it came.
 */
export function prettyLog(name: string, width: number, index: number, colour: boolean): LineFormat {
  const paint = (code: number, text: string): string => (colour && code !== 0 ? `\x1b[${code}m${text}\x1b[0m` : text);
  const prefix = paint(COLOURS[index % COLOURS.length] ?? 0, `${name.padEnd(width)} │`);
  return (line) => {
    const entry = parseEntry(line);
    if (!entry) return `${prefix} ${line}`;
    const level = typeof entry['level'] === 'string' ? entry['level'] : 'info';
    const fields = Object.entries(entry).filter(([key]) => !HIDDEN.has(key));
    const short = fields.map(([key, value]) => ` ${paint(90, `${key}=`)}${showValue(value)}`).join('');
    const time = paint(90, showTime(entry['timestamp']));
    const message = paint(LEVEL_COLOURS[level] ?? 0, `${level.padEnd(5)} ${showText(entry['message'])}`);
    return [`${prefix} ${time} ${message}${short}`, ...stackOf(entry, level).map((text) => `${prefix}   ${text}`)].join('\n');
  };
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'message' in value ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function showTime(timestamp: unknown): string {
  const date = new Date(typeof timestamp === 'string' || typeof timestamp === 'number' ? timestamp : NaN);
  return Number.isNaN(date.getTime()) ? '--:--:--.---' : date.toISOString().slice(11, 23);
}

function showText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function showValue(value: unknown): string {
  const source = isError(value) ? value.message : value;
  const text = typeof source === 'string' && /^[^\s"=]+$/.test(source) ? source : JSON.stringify(source);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function isError(value: unknown): value is { message: string; stack?: unknown } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

function stackOf(entry: Record<string, unknown>, level: string): string[] {
  if (level !== 'error') return [];
  const stack = isError(entry['error']) ? entry['error'].stack : entry['stack'];
  return typeof stack === 'string' ? stack.split('\n').slice(1, 6).map((line) => line.trim()) : [];
}
