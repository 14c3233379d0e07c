import { type JsonObject, isObject } from '../json.js';
import type { Block } from '../slack/message.js';
import { type Html, type Part, html, link } from './html.js';
import { renderMrkdwn, renderPlain } from './mrkdwn.js';

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

function textObject(value: unknown): Html | null {
  if (!isObject(value)) return null;
  const text = asText(value['text']);
  return value['type'] === 'mrkdwn' ? renderMrkdwn(text) : renderPlain(text);
}

/** A button; its data say what a press posts. One with an address leads there as well. */
function button(element: JsonObject, blockId: string): Html {
  const { action_id: action, value, style, url } = element;
  const words = textObject(element['text']);
  if (typeof url === 'string') return html`<span class="button">${link(url, words)}</span>`;
  const data = html`data-action="${asText(action)}" data-block="${blockId}" data-value="${asText(value)}"`;
  return html`<button type="button" class="${asText(style)}" ${data}>${words}</button>`;
}

function image({ image_url: url, alt_text: words }: JsonObject): Html {
  return html`<span class="image">🖼 ${link(url, asText(words))}</span>`;
}

function element(value: JsonObject, blockId: string): Part {
  if (value['type'] === 'button') return button(value, blockId);
  return value['type'] === 'image' ? image(value) : html`<span>${textObject(value)}</span>`;
}

function section(block: JsonObject, blockId: string): Html {
  const fields = list(block['fields']).map((field) => html`<div>${textObject(field)}</div>`);
  return html`<div class="section"><div class="grow">
    ${block['text'] !== undefined && html`<div>${textObject(block['text'])}</div>`}
    ${fields.length > 0 && html`<div class="fields">${fields}</div>`}</div>
    ${isObject(block['accessory']) && element(block['accessory'], blockId)}</div>`;
}

/** A field to write into, and where a mistake in it is said. */
function input(block: JsonObject, blockId: string): Html {
  const { action_id: action, multiline, max_length: max, initial_value: initial } = isObject(block['element']) ? block['element'] : {};
  const name = html`data-input="${asText(action)}" data-block="${blockId}" maxlength="${Number(max ?? 3000)}"`;
  const field = multiline === true ? html`<textarea rows="3" ${name}>${asText(initial)}</textarea>` : html`<input type="text" value="${asText(initial)}" ${name}>`;
  const optional = block['optional'] === true && html` <span class="meta">(optional)</span>`;
  return html`<label class="input"><b>${textObject(block['label'])}</b>${optional}${field}
    <span class="meta">${textObject(block['hint'])}</span><span class="mistake" data-mistake="${blockId}" hidden></span></label>`;
}

function renderBlock(block: Block): Html {
  const id = asText(block['block_id']);
  switch (block['type']) {
    case 'header':
      return html`<h4>${textObject(block['text'])}</h4>`;
    case 'divider':
      return html`<hr>`;
    case 'context':
      return html`<div class="context">${list(block['elements']).map((one) => element(one, id))}</div>`;
    case 'actions':
      return html`<div class="actions">${list(block['elements']).map((one) => element(one, id))}</div>`;
    case 'input':
      return input(block, id);
    case 'image':
      return html`<div>${image(block)}</div>`;
    default:
      return section(block, id);
  }
}

/** Blocks, one below the other. */
export function renderBlocks(blocks: readonly Block[]): Html {
  return html`${blocks.map(renderBlock)}`;
}

/** What a message shows: its blocks, or without them its text. */
export function messageBody(text: string, blocks: readonly Block[] | null): Html {
  return blocks === null ? html`<div class="text">${renderMrkdwn(text)}</div>` : renderBlocks(blocks);
}
