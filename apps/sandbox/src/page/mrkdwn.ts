import { personById } from '../slack/people.js';
import { emoji } from './emoji.js';
import { type Html, type Part, html, lines, link } from './html.js';

/** The text behind Slack's three entities. What is shown is escaped again by the template. */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

const SPANS = new RegExp(
  [
    '`(?<code>[^`\\n]+)`',
    '<(?<entity>[^<>\\n]+)>',
    ':(?<emoji>[a-z0-9_+\\-]+):',
    '(?<![\\w*])\\*(?<strong>[^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\w*])',
    '(?<![\\w_])_(?<em>[^\\s_](?:[^_\\n]*[^\\s_])?)_(?![\\w_])',
    '(?<![\\w~])~(?<strike>[^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\w~])',
  ].join('|'),
  'g',
);

function date(seconds: string, fallback: string): Html {
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return html`${fallback}`;
  const iso = at.toISOString();
  return html`<time datetime="${iso}" title="${fallback}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

/** `<…>`: a link, a mention or a date. */
function entity(inside: string): Html {
  const [target = '', words] = inside.split(/\|(.*)/s);
  const label = unescaped(words ?? '');
  if (target.startsWith('@'))
    return html`<span class="mention">@${personById(target.slice(1))?.realName ?? target.slice(1)}</span>`;
  if (target.startsWith('#')) return html`<span class="mention">#${label || target.slice(1)}</span>`;
  const [, seconds] = /^!date\^(\d+)\^/.exec(target) ?? [];
  if (seconds !== undefined) return date(seconds, label);
  if (target.startsWith('!')) return html`<span class="mention loud">@${label || target.slice(1)}</span>`;
  const address = unescaped(target);
  return link(address, label || address);
}

function spans(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(SPANS)) {
    parts.push(lines(unescaped(text.slice(at, match.index))));
    at = match.index + match[0].length;
    const { code, entity: inside, emoji: short, strong, em, strike } = match.groups ?? {};
    if (code !== undefined) parts.push(html`<code>${unescaped(code)}</code>`);
    else if (inside !== undefined) parts.push(entity(inside));
    else if (short !== undefined) parts.push(emoji(short) ?? match[0]);
    else if (strong !== undefined) parts.push(html`<strong>${spans(strong)}</strong>`);
    else if (em !== undefined) parts.push(html`<em>${spans(em)}</em>`);
    else parts.push(html`<del>${spans(strike ?? '')}</del>`);
  }
  return [...parts, lines(unescaped(text.slice(at)))];
}

/** Lines that begin with `>` (escaped or not) become quotations. */
function paragraphs(text: string): Part[] {
  const runs: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quoted = /^(&gt;|>)/.test(line);
    const last = runs.at(-1);
    const content = quoted ? line.replace(/^(&gt;|>) ?/, '') : line;
    if (last?.quoted === quoted) last.lines.push(content);
    else runs.push({ quoted, lines: [content] });
  }
  return runs.map((run) => {
    const inside = spans(run.lines.join('\n'));
    return run.quoted ? html`<blockquote>${inside}</blockquote>` : inside;
  });
}

/** Slack's mrkdwn as HTML. Whatever it does not understand stays visible as text. */
export function renderMrkdwn(text: string): Html {
  const parts = text.split('```');
  return html`${parts.map((part, index) => {
    if (index % 2 === 0 || index === parts.length - 1) return paragraphs(index % 2 === 0 ? part : `\`\`\`${part}`);
    return html`<pre>${unescaped(part.replace(/^\n/, ''))}</pre>`;
  })}`;
}

/** Plain text of Slack as HTML: no mark-up but short codes and line ends. */
export function renderPlain(text: string): Html {
  return html`${lines(unescaped(text).replace(/:([a-z0-9_+-]+):/g, (all, code: string) => emoji(code) ?? all))}`;
}
