import { type Adf, JIRA_SUMMARY_LIMIT, JIRA_TEXT_LIMIT, document, paragraphs } from './adf.js';
import { clean, clip, oneLine } from './clip.js';

// As JSON a character takes at most 25, a break after each one; then the last fits surely.
const ROOMS = [20_000, 8000, 2000] as const;
const LAST_ROOM = 1200;

const describe = (text: string, room: number): Adf => document(...paragraphs(clip(clean(text), room)));

/** What a ticket of no deployment says; without words it has no description. */
export function issueFields(ticket: { readonly summary: string; readonly description: string | null }): {
  readonly summary: string;
  readonly description?: Adf;
} {
  const text = clean(ticket.description ?? '');
  const room = ROOMS.find((one) => JSON.stringify(describe(text, one)).length <= JIRA_TEXT_LIMIT);
  const summary = clip(oneLine(ticket.summary), JIRA_SUMMARY_LIMIT);
  return text === '' ? { summary } : { summary, description: describe(text, room ?? LAST_ROOM) };
}

const LABEL = /^dep-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The ids that labels of ours carry, each once; what else a label may be is left out. */
export function labelledIds(labels: readonly unknown[]): string[] {
  const ids = labels.flatMap((label) => (typeof label === 'string' ? (LABEL.exec(label)?.[1]?.toLowerCase() ?? []) : []));
  return [...new Set(ids)];
}
