import { type JsonObject, isObject } from '../json.js';
import { Html, type Part, html, link } from './html.js';

type Renderer = (inside: Part, attrs: JsonObject) => Html;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const wrap =
  (tag: string): Renderer =>
  (inside) =>
    html`${new Html(`<${tag}>`)}${inside}${new Html(`</${tag}>`)}`;

function day(timestamp: unknown): string {
  const at = new Date(Number(timestamp));
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().slice(0, 10);
}

const NODES: Readonly<Record<string, Renderer>> = {
  doc: (inside) => html`${inside}`,
  paragraph: wrap('p'),
  heading: (inside, { level }) => wrap(`h${Math.min(6, Math.max(1, Number(level) || 3))}`)(inside, {}),
  bulletList: wrap('ul'),
  orderedList: wrap('ol'),
  listItem: wrap('li'),
  blockquote: wrap('blockquote'),
  codeBlock: wrap('pre'),
  panel: (inside, { panelType }) => html`<div class="panel ${text(panelType)}">${inside}</div>`,
  expand: (inside, { title }) => html`<details><summary>${text(title)}</summary>${inside}</details>`,
  table: (inside) => html`<table><tbody>${inside}</tbody></table>`,
  tableRow: wrap('tr'),
  tableHeader: wrap('th'),
  tableCell: wrap('td'),
  rule: () => html`<hr>`,
  hardBreak: () => html`<br>`,
  mention: (_inside, attrs) => html`<span class="mention">@${text(attrs['text']) || text(attrs['id'])}</span>`,
  emoji: (_inside, attrs) => html`${text(attrs['text']) || text(attrs['shortName'])}`,
  inlineCard: (_inside, { url }) => link(url, text(url)),
  date: (_inside, { timestamp }) => html`<span class="chip">${day(timestamp)}</span>`,
  status: (_inside, attrs) => html`<span class="chip">${text(attrs['text'])}</span>`,
};

const MARKS: Readonly<Record<string, (inside: Html, attrs: JsonObject) => Html>> = {
  ...{ strong: wrap('strong'), em: wrap('em'), code: wrap('code'), strike: wrap('del'), underline: wrap('u') },
  link: (inside, { href }) => link(href, inside),
};

const attrsOf = (value: JsonObject): JsonObject => (isObject(value['attrs']) ? value['attrs'] : {});

function renderText(node: JsonObject): Html {
  const marks: unknown[] = Array.isArray(node['marks']) ? node['marks'] : [];
  return marks
    .filter(isObject)
    .reduce<Html>(
      (inside, mark) => MARKS[text(mark['type'])]?.(inside, attrsOf(mark)) ?? inside,
      html`${text(node['text'])}`,
    );
}

/** An Atlassian document, or a node of one, as HTML; empty for anything else. */
export function renderAdf(node: unknown): Html {
  if (!isObject(node)) return html``;
  if (node['type'] === 'text') return renderText(node);
  const content: unknown[] = Array.isArray(node['content']) ? node['content'] : [];
  const inside = content.map(renderAdf);
  return NODES[text(node['type'])]?.(inside, attrsOf(node)) ?? html`${inside}`;
}
