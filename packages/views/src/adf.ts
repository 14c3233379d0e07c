import { webAddress } from './web-address.js';

/** The parts of the Atlassian Document Format (version 1) that our texts are made of. */
export type AdfMark =
  | { readonly type: 'strong' | 'code' }
  | { readonly type: 'link'; readonly attrs: { readonly href: string } };
export type AdfInline =
  | { readonly type: 'text'; readonly text: string; readonly marks?: readonly AdfMark[] }
  | { readonly type: 'hardBreak' };
export interface AdfParagraph {
  readonly type: 'paragraph';
  readonly content: readonly AdfInline[];
}
export interface AdfHeading {
  readonly type: 'heading';
  readonly attrs: { readonly level: 3 };
  readonly content: readonly AdfInline[];
}
export interface AdfListItem {
  readonly type: 'listItem';
  readonly content: readonly AdfParagraph[];
}
export interface AdfBulletList {
  readonly type: 'bulletList';
  readonly content: readonly AdfListItem[];
}
export type AdfBlock = AdfParagraph | AdfHeading | AdfBulletList;
export interface Adf {
  readonly version: 1;
  readonly type: 'doc';
  readonly content: readonly AdfBlock[];
}

/** Jira's limit of a text field, in characters; held for the document as JSON, its longest form. */
export const JIRA_TEXT_LIMIT = 32_767;
/** Jira's limit of a summary, which is one line. */
export const JIRA_SUMMARY_LIMIT = 255;

/** Text, or nothing where it is empty: ADF refuses empty text nodes. */
export function words(text: string, ...marks: AdfMark[]): AdfInline[] {
  return text === '' ? [] : [{ type: 'text', text, ...(marks.length === 0 ? {} : { marks }) }];
}

/** Text that leads to a web address; only the text where the address is none or longer than `max`. */
export function linked(text: string, url: string, max: number): AdfInline[] {
  const href = webAddress(url);
  return href === null || href.length > max ? words(text) : words(text, { type: 'link', attrs: { href } });
}

export const paragraph = (...content: AdfInline[]): AdfParagraph => ({ type: 'paragraph', content });
export const heading = (text: string): AdfHeading => ({ type: 'heading', attrs: { level: 3 }, content: words(text) });
export const document = (...content: AdfBlock[]): Adf => ({ version: 1, type: 'doc', content });

/** A list, or nothing where there are no items: ADF refuses empty lists. */
export function bullets(items: readonly (readonly AdfInline[])[]): AdfBulletList[] {
  if (items.length === 0) return [];
  const content = items.map((item): AdfListItem => ({ type: 'listItem', content: [paragraph(...item)] }));
  return [{ type: 'bulletList', content }];
}

/** Lines of text: a blank line starts a paragraph, any other line end is a break. */
export function paragraphs(text: string): AdfParagraph[] {
  return text
    .split(/\n\s*\n/u)
    .filter((part) => part.trim() !== '')
    .map((part) =>
      paragraph(
        ...part.split('\n').flatMap((row, index): AdfInline[] => [
          ...(index === 0 ? [] : [{ type: 'hardBreak' } as const]),
          ...words(row),
        ]),
      ),
    );
}
