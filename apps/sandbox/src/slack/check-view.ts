import joi from 'joi';
import { type JsonObject, isObject } from '../json.js';
import { VIEW, blockProblems, keepBlocks } from './blocks.js';
import type { ViewContent } from './view.js';

/** Limits of docs.slack.dev/reference/views, in characters and bytes. */
const MAX = { words: 24, metadata: 3000, id: 255, bytes: 250_000 };

const words = joi.object({ type: joi.valid('plain_text').required(), text: joi.string().max(MAX.words).required(), emoji: joi.boolean() });
const shared = {
  blocks: joi.array().required(),
  private_metadata: joi.string().allow('').max(MAX.metadata),
  callback_id: joi.string().allow('').max(MAX.id),
  external_id: joi.string().allow('').max(MAX.id),
};
const SCHEMAS = {
  home: joi.object({ type: joi.valid('home').required(), ...shared }),
  modal: joi.object({
    type: joi.valid('modal').required(),
    title: words.required(),
    submit: words,
    close: words,
    clear_on_close: joi.boolean(),
    notify_on_close: joi.boolean(),
    ...shared,
  }),
} as const;

/** What Slack would say is wrong: an error's name and sentences. */
export interface ViewRefusal {
  readonly error: string;
  readonly messages: readonly string[];
}

const invalid = (...messages: string[]): ViewRefusal => ({ error: 'invalid_arguments', messages });

/** Reads a view of one type as Slack keeps it, or says why Slack would not take it. */
export function checkView(view: unknown, type: 'modal' | 'home'): ViewContent | ViewRefusal {
  if (!isObject(view)) return invalid('must provide an object [json-pointer:/view]');
  if (JSON.stringify(view).length > MAX.bytes) return { error: 'view_too_large', messages: [] };
  const { error } = SCHEMAS[type].validate(view, { abortEarly: false, convert: false });
  if (error !== undefined) return invalid(...error.details.map(({ message, path }) => `${message} [json-pointer:/view/${path.join('/')}]`));
  const blocks = view['blocks'] as readonly JsonObject[];
  const problems = blockProblems(blocks, VIEW);
  if (problems.length > 0) return invalid(...problems);
  const writes = blocks.some((block) => block['type'] === 'input');
  if (type === 'modal' && writes && view['submit'] === undefined) return invalid('submit is required with an input block [json-pointer:/view]');
  return { ...view, blocks: keepBlocks(blocks) };
}

export function isRefusal(checked: ViewContent | ViewRefusal): checked is ViewRefusal {
  return 'error' in checked;
}
