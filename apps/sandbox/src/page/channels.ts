import { personById } from '../slack/people.js';
import type { Ephemeral, Message } from '../slack/message.js';
import { type Channel, type SlackState, countMessages } from '../slack/slack-state.js';
import { messageBody } from './blocks-html.js';
import { type Html, html } from './html.js';
import { timeOfTs } from './time.js';

const SHOWN = 60;

function head(ts: string, edited: boolean): Html {
  return html`<div class="meta"><b>Dep Tracker</b> <span class="app">APP</span> ${timeOfTs(ts)}
    ${edited && html`<span>(edited)</span>`}</div>`;
}

function ephemeral(one: Ephemeral): Html {
  const name = personById(one.user)?.realName ?? one.user;
  return html`<div class="message whisper" data-only="${one.user}" hidden><span class="avatar">DT</span><div class="body">
    <div class="meta">👁 Only visible to you <span>(as ${name})</span></div>
    ${head(one.ts, false)}${messageBody(one.text, one.blocks)}</div></div>`;
}

function message(one: Message | undefined, ts: string, channel: Channel, below: readonly Html[]): Html {
  if (one === undefined || one.deleted) {
    return html`<div class="message gone"><span class="avatar">🗑</span>
      <div class="body">This message was deleted.${below}</div></div>`;
  }
  return html`<div class="message" data-channel="${channel.id}" data-ts="${ts}">
    <span class="avatar">DT</span><div class="body">
    ${head(ts, one.editedTs !== null)}${messageBody(one.text, one.blocks)}${below}</div></div>`;
}

function thread(root: string, channel: Channel): Html[] {
  const replies = (channel.threads.get(root) ?? []).filter((ts) => channel.messages.get(ts)?.deleted === false);
  if (replies.length === 0) return [];
  const shown = replies.map((ts) => message(channel.messages.get(ts), ts, channel, []));
  const words = replies.length === 1 ? '1 reply' : `${replies.length} replies`;
  return [
    html`<details class="thread" id="t-${channel.id}-${root}" open><summary>${words}</summary>${shown}</details>`,
  ];
}

/** A channel's roots and whispers, newest first. A deleted root stays while it has replies. */
function timeline(channel: Channel): { ts: string; html: Html }[] {
  const roots = channel.roots.slice(-SHOWN).flatMap((ts) => {
    const below = thread(ts, channel);
    const root = channel.messages.get(ts);
    return root?.deleted === true && below.length === 0 ? [] : [{ ts, html: message(root, ts, channel, below) }];
  });
  const whispers = channel.ephemerals.slice(-SHOWN).map((one) => ({ ts: one.ts, html: ephemeral(one) }));
  return [...roots, ...whispers].sort((a, b) => Number(b.ts) - Number(a.ts));
}

function channelHtml(channel: Channel): Html {
  const live = countMessages(channel);
  const rest = Math.max(0, channel.roots.length - SHOWN);
  return html`<section class="channel"><h3><span class="hash">#</span> ${channel.id}
    <span class="meta">${live === 1 ? '1 message' : `${live} messages`}</span></h3>
    ${timeline(channel).map((one) => one.html)}
    ${rest > 0 && html`<p class="empty">${rest === 1 ? '1 older message is' : `${rest} older messages are`} not shown.</p>`}</section>`;
}

/** The Slack side of the page. */
export function channelsHtml(slack: SlackState): Html {
  const channels = [...slack.channels.values()];
  if (channels.length === 0) {
    return html`<p class="empty">No messages yet. An approval that is asked for appears here, with its buttons.</p>`;
  }
  return html`${channels.map(channelHtml)}`;
}
