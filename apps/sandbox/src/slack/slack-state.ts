import type { Change } from '../change.js';
import type { Block, Ephemeral, Message } from './message.js';
import { Views } from './views.js';
import { microsToTs, tsToMicros } from './ts.js';

/** One channel; `roots` and each thread are in the order of ts. */
export interface Channel {
  readonly id: string;
  readonly messages: Map<string, Message>;
  readonly roots: string[];
  readonly threads: Map<string, string[]>;
  readonly ephemerals: Ephemeral[];
  /** By ts: blocks with buttons that edits have removed. Who has not seen the edit yet can still press them. */
  readonly former: Map<string, readonly Block[]>;
  lastMicros: number;
}

/** How many messages the channel has, replies included and deleted ones not. */
export function countMessages({ messages }: Channel): number {
  return [...messages.values()].filter(({ deleted }) => !deleted).length;
}

const hasButtons = (block: Block): boolean => block['type'] === 'actions' || block['accessory'] !== undefined;

/** All channels. Channels exist as soon as somebody writes to them. */
export class SlackState {
  readonly channels = new Map<string, Channel>();
  readonly views = new Views();

  /** The message, unless it is unknown or deleted. */
  message(channel: string, ts: string): Message | undefined {
    const message = this.channels.get(channel)?.messages.get(ts);
    return message?.deleted === true ? undefined : message;
  }

  /** A ts that no message of the channel has, later than all of them; `now` in ms. */
  nextTs(channel: string, now: number): string {
    return microsToTs(Math.max(now * 1000, (this.channels.get(channel)?.lastMicros ?? 0) + 1));
  }

  /** Carries out a change of Slack's; ignores the others. */
  apply(change: Change): void {
    switch (change.type) {
      case 'message.posted':
        return this.post(change.message);
      case 'message.updated':
        return this.alter(change.channel, change.ts, change.edit);
      case 'message.deleted':
        return this.alter(change.channel, change.ts, { deleted: true });
      case 'ephemeral.posted': {
        const channel = this.channel(change.ephemeral.channel);
        channel.ephemerals.push(change.ephemeral);
        channel.lastMicros = Math.max(channel.lastMicros, tsToMicros(change.ephemeral.ts) ?? 0);
        return;
      }
      default:
        this.views.apply(change);
    }
  }

  clear(): void {
    this.channels.clear();
    this.views.clear();
  }

  private post(message: Message): void {
    const channel = this.channel(message.channel);
    channel.messages.set(message.ts, message);
    channel.lastMicros = Math.max(channel.lastMicros, tsToMicros(message.ts) ?? 0);
    if (message.threadTs === null) {
      channel.roots.push(message.ts);
      return;
    }
    const thread = channel.threads.get(message.threadTs) ?? [];
    thread.push(message.ts);
    channel.threads.set(message.threadTs, thread);
  }

  private alter(channelId: string, ts: string, part: Partial<Message>): void {
    const { messages, former } = this.channel(channelId);
    const message = messages.get(ts);
    if (message === undefined) return;
    messages.set(ts, { ...message, ...part });
    if (part.blocks === undefined) return;
    const left = (message.blocks ?? []).filter(hasButtons);
    const ids = new Set(left.map((block) => block['block_id']));
    const older = (former.get(ts) ?? []).filter((block) => !ids.has(block['block_id']));
    if (left.length > 0) former.set(ts, [...left, ...older]);
  }

  private channel(id: string): Channel {
    const known = this.channels.get(id);
    if (known !== undefined) return known;
    const lists = { messages: new Map(), threads: new Map(), former: new Map(), roots: [], ephemerals: [] };
    const made: Channel = { id, ...lists, lastMicros: 0 };
    this.channels.set(id, made);
    return made;
  }
}
