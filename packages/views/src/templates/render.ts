import Mustache from 'mustache';
import { clean, clip, clipMarkup, oneLine, unbroken } from '../clip.js';
import type { Template, Token } from './compile.js';
import { plainPen, slackPen } from './pen.js';
import { PURPOSE_RULES, type PurposeRule } from './purposes.js';
import type { Room, Subject } from './scene.js';
import { valuesOf } from './shape.js';

/* Beyond this everything is cut anyway: no template, however it repeats itself, makes more than this. */
const MOST_RENDERED = 100_000;

type MustacheTokens = string[][];

/** Writes values as they are, since they are escaped already, and nothing more once there is enough. */
class BoundedWriter extends Mustache.Writer {
  #left = MOST_RENDERED;

  override escapedValue(token: string[], context: Mustache.Context): string {
    const value: unknown = context.lookup(token[1] ?? '');
    return value === null || value === undefined ? '' : this.#write(String(value as string | number));
  }

  override rawValue(token: string[]): string {
    return this.#write(token[1] ?? '');
  }

  #write(text: string): string {
    if (this.#left <= 0) return '';
    this.#left -= text.length;
    return text;
  }
}

function finish(text: string, { markup, lines }: PurposeRule, limit: number): string {
  if (markup === 'slack') return clipMarkup(lines === 'one' ? unbroken(text) : clean(text), limit);
  return clip(lines === 'one' ? oneLine(text) : clean(text), limit);
}

/** The text that a template makes of a subject: escaped for its place, within its limit, possibly empty. Never fails. */
export function renderTemplate({ purpose, tokens }: Template, subject: Subject, room: Room, limit = PURPOSE_RULES[purpose].limit): string {
  const rule = PURPOSE_RULES[purpose];
  const values = valuesOf(purpose, { ...subject, room, pen: rule.markup === 'slack' ? slackPen : plainPen });
  const writer = new BoundedWriter();
  const rendered = writer.renderTokens(tokens as readonly Token[] as unknown as MustacheTokens, new Mustache.Context(values));
  return finish(rendered, rule, limit);
}
