/* Characters that no reader sees and a vendor may refuse (C0 controls except tab and newline, lone surrogates), and
   those that reorder what is read (bidirectional overrides): a person decides by what this text shows. */
// eslint-disable-next-line no-control-regex -- they are what is to be removed
const UNSEEN = /[\0-\u0008\v\f\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]|\p{Cs}/gu;

/** User text without characters that hide or disguise something; line ends are `\n`, the ends are trimmed. */
export function clean(text: string): string {
  return text.replace(/\r\n?|\u2028|\u2029/g, '\n').replace(UNSEEN, '').trim();
}

/** The same on one line: every run of white space is one space. */
export function oneLine(text: string): string {
  return clean(text).replace(/\s+/gu, ' ');
}

/** The same where only line ends are to go: white space without one stays as it is. */
export function unbroken(text: string): string {
  return clean(text).replace(/\s+/gu, (run) => (run.includes('\n') ? ' ' : run));
}

/** How one character is written where the text goes. */
type Encode = (character: string) => string;

/** At most `max` UTF-16 units of pieces that are never cut, ending in … where something was left out. */
function clipPieces(pieces: Iterable<string>, max: number): string {
  let out = '';
  let fits = '';
  for (const piece of pieces) {
    out += piece;
    if (out.length > max) return `${fits}…`;
    if (out.length < max) fits = out;
  }
  return out;
}

function* encoded(text: string, encode: Encode): Generator<string> {
  for (const character of text) yield encode(character);
}

/**
 * At most `max` UTF-16 units, ending in … where something was cut. `encode` is applied to each character and its
 * result is what counts, so that neither a surrogate pair nor an escape sequence is ever cut in half.
 */
export function clip(text: string, max: number, encode: Encode = (character) => character): string {
  return clipPieces(encoded(text, encode), max);
}

/* What Slack takes for one thing: a link, mention or date; an escape sequence; a character. */
const MARKUP = /<[^<>]*>|&(?:amp|lt|gt);|[\s\S]/gu;

/** The same for text that is escaped for Slack already and holds links, mentions and dates. */
export function clipMarkup(text: string, max: number): string {
  return clipPieces(text.match(MARKUP) ?? [], max);
}
