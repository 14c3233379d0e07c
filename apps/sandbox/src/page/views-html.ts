import { type JsonObject, isObject } from '../json.js';
import { personById } from '../slack/people.js';
import type { View } from '../slack/view.js';
import type { Views } from '../slack/views.js';
import { renderBlocks } from './blocks-html.js';
import { type Html, html } from './html.js';
import { renderPlain } from './mrkdwn.js';

const words = (value: unknown): Html | null => (isObject(value) && typeof value['text'] === 'string' ? renderPlain(value['text']) : null);

/** Everybody's Home; the script shows that of the person whom it acts as. */
export function homesHtml({ homes }: Views): Html {
  const each = [...homes.values()].map(
    ({ user, content }) => html`<div class="home" data-only="${user}" data-home hidden>${renderBlocks(content.blocks)}</div>`,
  );
  return html`${each}<p class="empty">Home is filled when it is opened.</p>`;
}

function buttonsOf(content: JsonObject): Html {
  const close = words(content['close']) ?? 'Close';
  const submit = words(content['submit']);
  return html`<div class="actions"><button type="button" data-close>${close}</button>
    ${submit !== null && html`<button type="submit" class="primary">${submit}</button>`}</div>`;
}

function modal({ id, user, content }: View): Html {
  const name = personById(user)?.realName ?? user;
  return html`<div class="veil" data-only="${user}" hidden><form class="modal" data-view="${id}" role="dialog" aria-modal="true" aria-labelledby="title-${id}">
    <h4 id="title-${id}">${words(content['title'])} <span class="meta">(as ${name})</span></h4>
    ${renderBlocks(content.blocks)}${buttonsOf(content)}</form></div>`;
}

/** All open modals, each in front of its person. */
export function modalsHtml({ modals }: Views): Html {
  return html`${[...modals.values()].map(modal)}`;
}
