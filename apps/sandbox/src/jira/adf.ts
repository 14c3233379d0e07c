import { type JsonObject, isObject } from '../json.js';

interface NodeRule {
  /** Types that may stand inside; absent for leaves. */
  readonly holds?: readonly string[];
  readonly mayBeEmpty?: true;
  readonly attrs?: (attrs: JsonObject) => boolean;
}

const INLINE = ['text', 'hardBreak', 'mention', 'emoji', 'inlineCard', 'date', 'status'];
const LISTS = ['bulletList', 'orderedList'];
const CELL = ['paragraph', 'heading', ...LISTS, 'codeBlock', 'panel', 'blockquote', 'rule'];
const PANELS = ['info', 'note', 'tip', 'warning', 'success', 'error', 'custom'];
const has = (name: string) => (attrs: JsonObject) => typeof attrs[name] === 'string' && attrs[name] !== '';

/** The nodes of the Atlassian Document Format that a ticket of ours may reasonably use, and what may stand in which. */
const NODES: Readonly<Record<string, NodeRule>> = {
  doc: { holds: [...CELL, 'table', 'expand'], mayBeEmpty: true },
  paragraph: { holds: INLINE, mayBeEmpty: true },
  heading: { holds: INLINE, mayBeEmpty: true, attrs: ({ level }) => [1, 2, 3, 4, 5, 6].includes(level as number) },
  bulletList: { holds: ['listItem'] },
  orderedList: { holds: ['listItem'] },
  listItem: { holds: ['paragraph', ...LISTS, 'codeBlock'] },
  blockquote: { holds: ['paragraph', ...LISTS, 'codeBlock'] },
  codeBlock: { holds: ['text'], mayBeEmpty: true },
  panel: {
    holds: ['paragraph', 'heading', ...LISTS, 'rule', 'codeBlock'],
    attrs: (a) => PANELS.includes(a['panelType'] as string),
  },
  expand: { holds: CELL },
  table: { holds: ['tableRow'] },
  tableRow: { holds: ['tableHeader', 'tableCell'] },
  tableHeader: { holds: CELL },
  tableCell: { holds: CELL },
  rule: {},
  hardBreak: {},
  mention: { attrs: has('id') },
  emoji: { attrs: has('shortName') },
  inlineCard: { attrs: has('url') },
  date: { attrs: has('timestamp') },
  status: { attrs: (attrs) => has('text')(attrs) && has('color')(attrs) },
};

const MARKS: Readonly<Record<string, (attrs: JsonObject) => boolean>> = {
  ...{ strong: () => true, em: () => true, code: () => true, strike: () => true, underline: () => true },
  link: has('href'),
  textColor: has('color'),
  subsup: ({ type }) => type === 'sub' || type === 'sup',
};

const KEYS = ['type', 'attrs', 'content', 'text', 'marks', 'version'];

function marksProblem(marks: unknown, path: string): string | null {
  if (marks === undefined) return null;
  if (!Array.isArray(marks)) return `${path}/marks is not an array`;
  const types = marks.map((mark: unknown) => (isObject(mark) ? mark['type'] : undefined));
  for (const [index, mark] of (marks as unknown[]).entries()) {
    const rule = isObject(mark) && typeof mark['type'] === 'string' ? MARKS[mark['type']] : undefined;
    if (!isObject(mark) || rule === undefined) return `${path}/marks/${index} is no known mark`;
    if (!rule(isObject(mark['attrs']) ? mark['attrs'] : {})) return `${path}/marks/${index} lacks its attributes`;
  }
  const alone = types.every((type) => type === 'code' || type === 'link');
  return types.includes('code') && !alone ? `${path}/marks: code goes together with link only` : null;
}

function textProblem(node: JsonObject, parent: string, path: string): string | null {
  if (typeof node['text'] !== 'string' || node['text'] === '') return `${path}: a text node needs text`;
  if (parent === 'codeBlock' && node['marks'] !== undefined) return `${path}: no marks inside a code block`;
  return marksProblem(node['marks'], path);
}

function contentProblem(node: JsonObject, type: string, rule: NodeRule, path: string): string | null {
  const content = node['content'] ?? [];
  if (!Array.isArray(content)) return `${path}/content is not an array`;
  if (rule.holds === undefined) return content.length > 0 ? `${path}: a ${type} holds nothing` : null;
  if (content.length === 0 && rule.mayBeEmpty !== true) return `${path}: a ${type} must not be empty`;
  for (const [index, child] of (content as unknown[]).entries()) {
    const problem = nodeProblem(child, type, rule.holds, `${path}/content/${index}`);
    if (problem !== null) return problem;
  }
  return null;
}

function nodeProblem(node: unknown, parent: string, allowed: readonly string[], path: string): string | null {
  if (!isObject(node) || typeof node['type'] !== 'string') return `${path} is no node with a type`;
  const type = node['type'];
  if (!allowed.includes(type)) return `${path}: a ${type} must not stand in a ${parent}`;
  const stranger = Object.keys(node).find((key) => !KEYS.includes(key));
  if (stranger !== undefined) return `${path} has an unknown property ${stranger}`;
  if (type === 'text') return textProblem(node, parent, path);
  const rule = NODES[type];
  if (rule === undefined) return `${path}: unknown type ${type}`;
  const attrs = isObject(node['attrs']) ? node['attrs'] : {};
  if (rule.attrs?.(attrs) === false) return `${path}: wrong or missing attributes of ${type}`;
  return contentProblem(node, type, rule, path);
}

/**
 * What is wrong with an Atlassian document, with the path to it; null if nothing.
 * Rules: developer.atlassian.com/cloud/jira/platform/apis/document/structure.
 */
export function adfProblem(document: unknown): string | null {
  if (!isObject(document) || document['type'] !== 'doc') return 'type must be doc';
  if (document['version'] !== 1) return 'version must be 1';
  if (!Array.isArray(document['content'])) return 'content must be an array';
  return nodeProblem(document, 'issue', ['doc'], '');
}
