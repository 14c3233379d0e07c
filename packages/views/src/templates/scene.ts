import type { Deployment, RecordedEvent } from '@deptracker/domain';
import type { Pen } from './pen.js';

/** Where to read on: the change ticket as far as one is known. */
export interface TicketLink {
  readonly key: string;
  readonly url: string;
}

/** What a text may tell of. */
export interface Subject {
  readonly deployment: Deployment;
  /** What happened; null where the text is not about an event. */
  readonly event: RecordedEvent | null;
  readonly ticket: TicketLink | null;
  /** Whether it goes into the thread of the approval message, which says what it is about. */
  readonly thread: boolean;
}

/** Most UTF-16 units of single values. */
export interface Room {
  readonly project: number;
  readonly version: number;
  readonly environment: number;
  /** Any other value of one line, and an item of a list. */
  readonly line: number;
  readonly person: number;
  /** What somebody says with a decision, or an event besides. */
  readonly words: number;
  readonly prose: number;
}

/** Room enough for whatever a legal deployment has. */
const WIDE = { project: 300, version: 300, environment: 300, line: 700, person: 300 } as const;

export const ROOM_FOR = {
  approval: { ...WIDE, words: 300, prose: 2500 },
  reply: { ...WIDE, person: 200, words: 1000, prose: 1000 },
  /* With these the built-in line has at most 255 characters, so that 50 stay below what Slack takes as one message. */
  notice: { project: 40, version: 35, environment: 25, line: 40, person: 35, words: 25, prose: 60 },
  ticket: { ...WIDE, words: 2000, prose: 20_000 },
} as const satisfies Record<string, Room>;

/** What a text is made of, and how and how wide it is written there. */
export interface Scene extends Subject {
  readonly pen: Pen;
  readonly room: Room;
}
