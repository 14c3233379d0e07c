import { webAddress } from '../web-address.js';
import type { Fault } from './fault.js';

/** What a template itself says, as it is written where it goes. */
export interface Literal {
  readonly text: string;
  readonly faults: readonly Fault[];
}

/* What Slack acts upon, an escape sequence that is there already, and what must become one. */
const SPECIAL = /<[^<>]*>|<|>|&(?:amp|lt|gt);|&/gu;
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt);)/gu;
const LINK = /^<(https?:\/\/[^|\s]+)(?:\|[^|\n]+)?>$/u;
const MENTION = /^<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+)>$/u;

const ASKED = 'write &lt; to show <; a link is <https://example.com|its text> without variables in it';

function slackToken(token: string, at: number): Literal {
  if (token.startsWith('<!')) return { text: '', faults: [{ at, message: `${token.slice(0, 40)} is refused: it would call many people with every message` }] };
  const address = LINK.exec(token)?.[1];
  if (MENTION.test(token) || (address !== undefined && webAddress(address) !== null)) {
    return { text: token.replace(BARE_AMPERSAND, '&amp;'), faults: [] };
  }
  return { text: '', faults: [{ at, message: `< begins neither a link nor a mention; ${ASKED}` }] };
}

/**
 * Formatting, links and mentions of single people stay; other characters that Slack acts upon are escaped or refused.
 * Only whole tokens count: what a variable writes can never complete one.
 */
export function slackLiteral(text: string, at: number): Literal {
  const faults: Fault[] = [];
  const escaped = text.replace(SPECIAL, (found, offset: number) => {
    if (found === '>') return '&gt;';
    if (found === '&') return '&amp;';
    if (found.startsWith('&')) return found;
    const token = slackToken(found, at + offset);
    faults.push(...token.faults);
    return token.text;
  });
  return { text: escaped, faults };
}
