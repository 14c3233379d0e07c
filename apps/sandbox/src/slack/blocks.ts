import { randomBytes } from 'node:crypto';
import joi from 'joi';
import { type JsonObject, isObject } from '../json.js';
import type { Block } from './message.js';

/** Limits of docs.slack.dev/reference/block-kit. */
const MAX = { blocks: 50, section: 3000, field: 2000, header: 150, button: 75, value: 2000, id: 255, elements: 25 };

const plain = (max: number): joi.ObjectSchema =>
  joi.object({
    type: joi.valid('plain_text').required(),
    text: joi.string().max(max).required(),
    emoji: joi.boolean(),
  });
const mrkdwn = (max: number): joi.ObjectSchema =>
  joi.object({ type: joi.valid('mrkdwn').required(), text: joi.string().max(max).required(), verbatim: joi.boolean() });
const either = (max: number): joi.Schema =>
  joi.when('.type', { is: 'plain_text', then: plain(max), otherwise: mrkdwn(max) });

const button = joi.object({
  type: joi.valid('button').required(),
  text: plain(MAX.button).required(),
  action_id: joi.string().max(MAX.id),
  value: joi.string().max(MAX.value),
  url: joi.string().max(3000).uri(),
  style: joi.valid('primary', 'danger'),
  accessibility_label: joi.string().max(75),
  confirm: joi.object({
    title: plain(100).required(),
    text: either(300).required(),
    confirm: plain(30).required(),
    deny: plain(30).required(),
    style: joi.valid('primary', 'danger'),
  }),
});
const image = {
  type: joi.valid('image').required(),
  image_url: joi.string().max(3000).uri().required(),
  alt_text: joi.string().max(2000).required(),
};
const block = (type: string, keys: joi.SchemaMap): joi.ObjectSchema =>
  joi.object({ type: joi.valid(type).required(), block_id: joi.string().max(MAX.id), ...keys });

const section = block('section', {
  text: either(MAX.section),
  fields: joi.array().items(either(MAX.field)).min(1).max(10),
  accessory: joi.when('.type', { is: 'button', then: button, otherwise: joi.object(image) }),
  expand: joi.boolean(),
}).or('text', 'fields');

const KNOWN: Readonly<Record<string, joi.ObjectSchema>> = {
  section,
  header: block('header', { text: plain(MAX.header).required() }),
  divider: block('divider', {}),
  context: block('context', {
    elements: joi
      .array()
      .items(joi.when('.type', { is: 'image', then: joi.object(image), otherwise: either(MAX.section) }))
      .min(1)
      .max(10)
      .required(),
  }),
  actions: block('actions', {
    elements: joi
      .array()
      .items(button)
      .min(1)
      .max(MAX.elements)
      .unique('action_id', { ignoreUndefined: true })
      .required(),
  }),
  image: block('image', { ...image, title: plain(2000) }),
};

function pointer(path: readonly (string | number)[]): string {
  return `[json-pointer:/blocks${path.map((part) => `/${part}`).join('')}]`;
}

const INPUT = block('input', {
  label: plain(2000).required(),
  hint: plain(2000),
  optional: joi.boolean(),
  dispatch_action: joi.boolean(),
  element: joi
    .object({
      type: joi.valid('plain_text_input').required(),
      action_id: joi.string().max(MAX.id),
      initial_value: joi.string().max(3000),
      multiline: joi.boolean(),
      min_length: joi.number().integer().min(0).max(3000),
      max_length: joi.number().integer().min(1).max(3000),
      placeholder: plain(150),
      focus_on_load: joi.boolean(),
    })
    .required(),
});

interface Surface {
  readonly most: number;
  readonly known: Readonly<Record<string, joi.ObjectSchema>>;
}

const MESSAGE: Surface = { most: MAX.blocks, known: KNOWN };
/** Where modals and Home put blocks. */
export const VIEW: Surface = { most: 100, known: { ...KNOWN, input: INPUT } };

/** What is wrong with blocks, in the manner of Slack's `response_metadata.messages`; empty if nothing. */
export function blockProblems(blocks: readonly unknown[], { most, known }: Surface = MESSAGE): string[] {
  if (blocks.length > most) return [`no more than ${most} items allowed ${pointer([])}`];
  const ids = new Set<string>();
  return blocks.flatMap((one, index) => {
    const type = isObject(one) && typeof one['type'] === 'string' ? one['type'] : '';
    const schema = known[type];
    if (schema === undefined) return [`unsupported type: ${type} ${pointer([index, 'type'])}`];
    const id = (one as JsonObject)['block_id'];
    if (typeof id === 'string' && ids.has(id))
      return [`block_id "${id}" already exists ${pointer([index, 'block_id'])}`];
    if (typeof id === 'string') ids.add(id);
    const { error } = schema.validate(one, { abortEarly: false, convert: false, errors: { label: false } });
    return error?.details.map((detail) => `${detail.message} ${pointer([index, ...detail.path])}`) ?? [];
  });
}

function completed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(completed);
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, completed(part)]));
  if (inner['type'] === 'plain_text') return { ...inner, emoji: inner['emoji'] ?? true };
  if (inner['type'] === 'mrkdwn') return { ...inner, verbatim: inner['verbatim'] ?? false };
  if (inner['type'] === 'button' || inner['type'] === 'plain_text_input')
    return { ...inner, action_id: inner['action_id'] ?? randomBytes(4).toString('base64url') };
  return inner;
}

/** The blocks as Slack keeps them: with a block_id each, an action_id for each element, and the defaults of texts. */
export function keepBlocks(blocks: readonly unknown[]): readonly Block[] {
  return blocks.map((one) => {
    const block = completed(one) as Block;
    return { ...block, block_id: block['block_id'] ?? randomBytes(4).toString('base64url') };
  });
}
