import { clean, clip, oneLine } from '../clip.js';
import { line, link, person, prose, time } from '../mrkdwn.js';
import { utcMinutes } from '../utc-minutes.js';
import { webAddress } from '../web-address.js';

/** How values are written where a text goes: at most `max` UTF-16 units, with nothing that the place would act upon. */
export interface Pen {
  readonly line: (text: string, max: number) => string;
  readonly prose: (text: string, max: number) => string;
  readonly person: (actor: string, max: number) => string;
  readonly link: (url: string, title: string, max: number) => string;
  readonly time: (at: Date) => string;
}

/** Escapes for Slack. */
export const slackPen: Pen = { line, prose, person, link, time };

const plainLine = (text: string, max: number): string => clip(oneLine(text), max);

/** For Jira, whose document format takes text as it is, and for e-mails without formatting. */
export const plainPen: Pen = {
  line: plainLine,
  prose: (text, max) => clip(clean(text), max),
  person: plainLine,
  link: (url, title, max) => {
    const href = webAddress(url);
    const shown = plainLine(title, Math.min(max, 150));
    return href === null || href.length + shown.length + 3 > max ? shown : `${shown} (${href})`;
  },
  time: utcMinutes,
};
