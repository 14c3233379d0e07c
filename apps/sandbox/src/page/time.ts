import { type Html, html } from './html.js';

/** A time in ms since 1970 as `12:34:56`; the page's script turns it into the viewer's own time zone. */
export function timeOf(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" data-local>${iso.slice(11, 19)}</time>`;
}

/** A Slack ts as a time. */
export function timeOfTs(ts: string): Html {
  return timeOf(Math.floor(Number(ts) * 1000));
}
