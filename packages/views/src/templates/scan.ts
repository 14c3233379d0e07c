import type { Fault } from './fault.js';

const MOST_TAGS = 200;
const LONGEST_TAG = 200;
const DEEPEST = 5;

const UNESCAPED = 'is refused: what it writes would not be escaped; write {{name}}';

/** What Mustache knows and we do not take, by the sign that a tag begins with. */
const REFUSED: Readonly<Record<string, string>> = {
  '{': `{{{name}}} ${UNESCAPED}`,
  '&': `{{&name}} ${UNESCAPED}`,
  '>': '{{>name}} is refused: a template stands alone, there is nothing to include',
  '=': '{{=…=}} is refused: tags are always {{ and }}',
};

interface Section {
  readonly name: string;
  readonly at: number;
}

/** Opens and closes sections; says what does not fit together. */
function nest(open: Section[], sign: string, name: string, at: number): Fault[] {
  if (sign === '/') {
    const section = open.pop();
    if (section === undefined) return [{ at, message: `{{/${name}}} closes a section that was never opened` }];
    if (section.name === name) return [];
    return [{ at, message: `{{/${name}}} stands where {{/${section.name}}} is needed to close the section that was opened last` }];
  }
  open.push({ name, at });
  return open.length > DEEPEST ? [{ at, message: `sections are nested more than ${DEEPEST} deep` }] : [];
}

function faultsOf(inner: string, sign: string, at: number): Fault[] {
  const refused = REFUSED[sign];
  if (refused !== undefined) return [{ at, message: refused }];
  if (sign !== '!' && inner.includes('{{')) return [{ at, message: '{{ is not closed with }} before the next one' }];
  return inner.length > LONGEST_TAG ? [{ at, message: `a tag has more than ${LONGEST_TAG} characters` }] : [];
}

/**
 * What is wrong with the tags as such: not closed, not nested, of a kind that we do not take, too many. Without a fault
 * Mustache reads the same tags, and neither fails nor takes long.
 */
export function scanTags(body: string): Fault[] {
  const faults: Fault[] = [];
  const open: Section[] = [];
  let tags = 0;
  for (let at = body.indexOf('{{'); at !== -1; ) {
    const end = body.indexOf('}}', at + 2);
    if (end === -1) return [...faults, { at, message: '{{ is not closed with }}' }];
    if ((tags += 1) > MOST_TAGS) return [...faults, { at, message: `there are more than ${MOST_TAGS} tags` }];
    const inner = body.slice(at + 2, end);
    const [, sign = '', name = ''] = /^\s*([#^/!{&>=]?)\s*([^]*)$/u.exec(inner.trimEnd()) ?? [];
    const wrong = faultsOf(inner, sign, at);
    if (wrong.length > 0) faults.push(...wrong);
    else if (sign !== '' && '#^/'.includes(sign)) faults.push(...nest(open, sign, name, at));
    const unclosed = wrong.length > 0 && sign !== '!' && inner.includes('{{');
    at = body.indexOf('{{', unclosed && sign !== '{' ? at + 2 : end + 2);
  }
  return [...faults, ...open.map(({ name, at }) => ({ at, message: `the section {{#${name}}} is not closed with {{/${name}}}` }))];
}
