import type { Change } from '../change.js';
import type { Ephemeral, Message } from './message.js';
import { microsToTs, tsToMicros } from './ts.js';

/** One channel; `roots` and each thread are in the order of ts. */
export interface Channel {
  readonly id: string;
  readonly messages: Map<string, Message>;
  readonly roots: string[];
  readonly threads: Map<string, string[]>;
  readonly ephemerals: Ephemeral[];
  lastMicros: number;
}

/** All channels. Channels exist as soon as somebody writes to them. */
export class SlackState {
  readonly channels = new Map<string, Channel>();

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
        return;
    }
  }

  clear(): void {
    this.channels.clear();
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
    const { messages } = this.channel(channelId);
    const message = messages.get(ts);
    if (message !== undefined) messages.set(ts, { ...message, ...part });
  }

  private channel(id: string): Channel {
    const known = this.channels.get(id);
    if (known !== undefined) return known;
    const made: Channel = { id, messages: new Map(), roots: [], threads: new Map(), ephemerals: [], lastMicros: 0 };
    this.channels.set(id, made);
    return made;
  }
}
