import Mustache from 'mustache';
import { clean, clip, clipMarkup, oneLine, unbroken } from '../clip.js';
import type { Template } from './compile.js';
import { plainPen, slackPen } from './pen.js';
import { PURPOSE_RULES, type PurposeRule } from './purposes.js';
import type { Room, Subject } from './scene.js';
import { valuesOf } from './shape.js';

/* What is written beyond the limit is cut; this much more leaves room for white space that becomes less. */
const SPARE = 10_000;

type MustacheTokens = string[][];

/**
 * Writes values as they are, since they are escaped already, and nothing more once there is enough: a template that
 * repeats itself costs no more than one that does not.
 */
class BoundedWriter extends Mustache.Writer {
  constructor(private left: number) {
    super();
  }

  override escapedValue(token: string[], context: Mustache.Context): string {
    const value: unknown = context.lookup(token[1] ?? '');
    if (value === null || value === undefined) return '';
    return this.#write(typeof value === 'string' ? value : JSON.stringify(value));
  }

  override rawValue(token: string[]): string {
    return this.#write(token[1] ?? '');
  }

  #write(text: string): string {
    if (this.left <= 0) return '';
    this.left -= text.length;
    return text;
  }
}

function finish(text: string, { markup, lines }: PurposeRule, limit: number): string {
  if (markup === 'slack') return clipMarkup(lines === 'one' ? unbroken(text) : clean(text), limit);
  return clip(lines === 'one' ? oneLine(text) : clean(text), limit);
}

/** The text that a template makes of a subject: escaped for its place, within its limit, possibly empty. Never fails. */
export function renderTemplate({ purpose, tokens, uses }: Template, subject: Subject, room: Room, limit = PURPOSE_RULES[purpose].limit): string {
  const rule = PURPOSE_RULES[purpose];
  const values = valuesOf(uses, { ...subject, room, pen: rule.markup === 'slack' ? slackPen : plainPen });
  const writer = new BoundedWriter(2 * limit + SPARE);
  const rendered = writer.renderTokens(tokens as unknown as MustacheTokens, new Mustache.Context(values));
  return finish(rendered, rule, limit);
}
