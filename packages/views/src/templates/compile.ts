import type { TemplateMistake, TemplatePurpose } from '@deptracker/domain';
import Mustache from 'mustache';
import { type Fault, mistakesOf } from './fault.js';
import { type Literal, slackLiteral } from './literal.js';
import { nearest } from './nearest.js';
import { PURPOSE_RULES, type PurposeRule } from './purposes.js';
import { scanTags } from './scan.js';
import { type Shape, memberOf, namesIn, shapeOfPurpose } from './shape.js';
import { MOST_ITEMS, type Variable } from './variables.js';

/** A part of a template as Mustache reads it: kind, name or text, where it begins and ends, and a section's parts. */
export type Token = readonly [kind: string, value: string, start: number, end: number, parts?: readonly Token[], closes?: number];

/** A template that was checked: rendering it cannot fail. */
export interface Template {
  readonly purpose: TemplatePurpose;
  readonly tokens: readonly Token[];
  /** What it names. */
  readonly uses: readonly Variable[];
}

export type Compiled = { readonly template: Template } | { readonly mistakes: readonly TemplateMistake[] };

/** What is known at a place of a template, the innermost section last. */
type Scopes = readonly Shape[];

/** To guess what was meant is the most expensive part of checking. */
const MOST_GUESSES = 10;

const NAME = /^[\w-]+(?:\.[\w-]+)*$/u;

function find(name: string, scopes: Scopes): Shape | null {
  if (!NAME.test(name)) return null;
  for (const scope of scopes.toReversed()) {
    let shape: Shape | null = scope;
    for (const part of name.split('.')) shape = shape === null ? null : memberOf(shape, part);
    if (shape !== null) return shape;
  }
  return null;
}

class Checker {
  readonly faults: Fault[] = [];
  readonly uses = new Set<Variable>();
  #literal = 0;
  #guesses = 0;

  constructor(
    private readonly purpose: TemplatePurpose,
    private readonly rule: PurposeRule,
  ) {}

  /** The tokens as they are rendered; what is wrong with them is in `faults`. */
  check(tokens: readonly Token[], scopes: Scopes, repeated: boolean): Token[] {
    return tokens.map((token): Token => {
      const [kind, value, start, end, parts = []] = token;
      if (kind === 'text') return ['text', this.#text(value, start, repeated), start, end];
      if (kind === 'name') this.#variable(value, start, scopes);
      if (kind !== '#' && kind !== '^') return token;
      const shape = this.#section(kind, value, start, scopes, repeated);
      const inner = kind === '#' && shape !== null ? [...scopes, shape.kind === 'list' ? shape.item : shape] : scopes;
      const checked = this.check(parts, inner, repeated || (kind === '#' && shape?.kind === 'list'));
      return [kind, value, start, end, checked, token[5] ?? end];
    });
  }

  #fault(at: number, message: string): void {
    this.faults.push({ at, message });
  }

  #text(text: string, at: number, repeated: boolean): string {
    const { markup, literal, lines } = this.rule;
    const lineEnd = text.search(/[\r\n\u2028\u2029]/u);
    if (lines === 'one' && lineEnd !== -1) this.#fault(at + lineEnd, `${this.#name()} is one line, so a line may not end here`);
    const written: Literal = markup === 'slack' ? slackLiteral(text, at) : { text, faults: [] };
    this.faults.push(...written.faults);
    const before = this.#literal;
    this.#literal += written.text.length * (repeated ? MOST_ITEMS : 1);
    if (before <= literal && this.#literal > literal) {
      const counted = repeated ? `, of which each in a list counts ${MOST_ITEMS} times` : '';
      this.#fault(at, `from here on the template itself says more than ${literal} characters${counted}, which leaves no room for its values`);
    }
    return written.text;
  }

  #name(): string {
    return `${/^[aeiou]/u.test(this.purpose) ? 'an' : 'a'} ${this.purpose}`;
  }

  #unknown(tag: string, name: string, at: number, scopes: Scopes): void {
    const near = (this.#guesses += 1) > MOST_GUESSES ? null : nearest(name, scopes.flatMap((scope) => namesIn(scope)));
    const hint = near === null ? 'GET /templates/variables lists what there is' : `the nearest is ${near}`;
    this.#fault(at, `${tag} is not known in ${this.#name()} template; ${hint}`);
  }

  #find(name: string, scopes: Scopes): Shape | null {
    const shape = find(name, scopes);
    if (shape?.from) this.uses.add(shape.from);
    return shape;
  }

  #variable(name: string, at: number, scopes: Scopes): void {
    const shape = this.#find(name, scopes);
    if (shape === null) this.#unknown(`{{${name}}}`, name, at, scopes);
    else if (shape.kind === 'list') this.#fault(at, `${name} is a list; write {{#${name}}}…{{/${name}}} around what to say of each`);
    else if (shape.kind === 'flag') this.#fault(at, `${name} is only for sections: {{#${name}}}…{{/${name}}} or {{^${name}}}…{{/${name}}}`);
    else if (shape.kind !== 'value') this.#fault(at, `${name} is a group; name one of its members, such as ${name}.${namesIn(shape)[0] ?? 'name'}`);
  }

  #section(kind: string, name: string, at: number, scopes: Scopes, repeated: boolean): Shape | null {
    const shape = this.#find(name, scopes);
    if (shape === null) this.#unknown(`{{${kind}${name}}}`, name, at, scopes);
    else if (shape.kind === 'open') this.#fault(at, `${name} is no section; name one of its members, such as ${name}.team`);
    else if (kind === '#' && shape.kind === 'list' && repeated) this.#fault(at, `${name} is a list within a list, which is refused`);
    return shape;
  }
}

/** A writer of its own would keep every template that it ever read. */
function parse(body: string): readonly Token[] {
  const writer = new Mustache.Writer();
  return writer.parse(body) as readonly Token[];
}

/** Checks a template for its purpose; says everything that is wrong with its tags, else with what it says, with the places. */
export function compileTemplate(purpose: TemplatePurpose, body: string): Compiled {
  // Files end with a line end, which is not meant.
  const trimmed = body.trimEnd();
  if (trimmed === '') return { mistakes: [{ message: 'a template may not be blank; {{! nothing }} says nothing', line: 1, column: 1 }] };
  const broken = scanTags(trimmed);
  if (broken.length > 0) return { mistakes: mistakesOf(trimmed, broken) };
  const checker = new Checker(purpose, PURPOSE_RULES[purpose]);
  const tokens = checker.check(parse(trimmed), [shapeOfPurpose(purpose)], false);
  if (checker.faults.length > 0) return { mistakes: mistakesOf(trimmed, checker.faults) };
  return { template: { purpose, tokens, uses: [...checker.uses] } };
}
