import { clean, clip, oneLine } from './clip.js';
import { webAddress } from './web-address.js';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escape = (character: string): string => ENTITIES[character] ?? character;

/** User text on one line, escaped for Slack; `max` counts the escaped text. Nothing to show is a dash. */
export function line(text: string, max: number): string {
  return clip(oneLine(text), max, escape) || '–';
}

/** User text that keeps its lines, escaped for Slack. May be empty. */
export function prose(text: string, max: number): string {
  return clip(clean(text), max, escape);
}

/** User text as code. */
export function code(text: string, max: number): string {
  return `\`${line(text.replaceAll('`', "'"), max - 2)}\``;
}

/** Who did something: an address as text, somebody known only to Slack (`slack:<team>:<id>`) as a mention. */
export function person(actor: string, max: number): string {
  const id = /^slack:[A-Z0-9]{1,20}:([UW][A-Z0-9]{1,20})$/.exec(actor)?.[1];
  return id === undefined ? line(actor, max) : `<@${id}>`;
}

/** A link with a title, or only the title where the address is none or longer than `max` allows. */
export function link(url: string, title: string, max: number): string {
  const href = webAddress(url)?.replace(/[<>|]/g, encodeURIComponent).replaceAll('&', '&amp;');
  const shown = line(title, Math.min(max, 150));
  return href === undefined || href.length + shown.length + 3 > max ? shown : `<${href}|${shown}>`;
}

/** A time that Slack shows in the reader's own zone. */
export function time(at: Date): string {
  return `<!date^${String(Math.floor(at.getTime() / 1000))}^{date_short_pretty} {time}|${at.toISOString()}>`;
}

/** As many of the parts as fit into `max`, with the number of those left out. Parts are never cut. */
export function joinWithin(parts: readonly string[], separator: string, max: number): string {
  const more = (left: number): string => `${separator}… and ${String(left)} more`;
  let out = '';
  for (const [index, part] of parts.entries()) {
    const next = index === 0 ? part : `${out}${separator}${part}`;
    const left = parts.length - index - 1;
    if (next.length + (left > 0 ? more(left).length : 0) > max) return `${out}${more(left + 1)}`;
    out = next;
  }
  return out;
}
