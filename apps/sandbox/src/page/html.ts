/** Text that is HTML already; everything else is escaped on its way into a page. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template; null and false leave nothing. */
export type Part = string | number | null | false | Html | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function render(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return part.map(render).join('');
}

/** A template tag that escapes every part that is not Html. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((page, text, index) => page + render(parts[index - 1] ?? null) + text));
}

/** The address if a link may lead there (http, https, mailto), else null. */
export function safeUrl(address: unknown): string | null {
  return typeof address === 'string' && /^(https?:\/\/|mailto:)/i.test(address) ? address : null;
}

/** Text with its line ends kept. */
export function lines(text: string): Part[] {
  return text.split('\n').flatMap((line, index) => (index === 0 ? [line] : [html`<br>`, line]));
}

/** A link that opens beside the page; without a safe address just its words. */
export function link(address: unknown, words: Part): Html {
  const url = safeUrl(address);
  return url === null ? html`${words}` : html`<a href="${url}" target="_blank" rel="noreferrer noopener">${words}</a>`;
}
