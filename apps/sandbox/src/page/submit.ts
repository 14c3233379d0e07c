import joi from 'joi';
import { type JsonObject, asString, isObject, parseJson } from '../json.js';
import { checkView, isRefusal } from '../slack/check-view.js';
import type { Block } from '../slack/message.js';
import { type Person, personById } from '../slack/people.js';
import type { View } from '../slack/view.js';
import { presentView } from '../slack/views.js';
import { parseAct } from './click.js';
import { type Outcome, type Refusal, type Scene, interaction, postPayload } from './post-webhook.js';

/** A modal that a person submits, with what they wrote: by block, then by action. */
export interface Submission {
  readonly view: string;
  readonly user: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const SUBMISSION = joi
  .object({
    view: joi.string().required(),
    user: joi.string().required(),
    values: joi.object().pattern(joi.string(), joi.object().pattern(joi.string(), joi.string().allow(''))).default({}),
  })
  .required();

/** Reads a submission, or says what is wrong with it. */
export const parseSubmission = (body: unknown): Submission | Refusal => parseAct<Submission>(SUBMISSION, body);

/** What became of the modal; `errors` are what it says below its fields, by block. */
export type SubmissionOutcome = Outcome & {
  readonly modal: 'closed' | 'updated' | 'errors' | 'open';
  readonly fields?: Readonly<Record<string, string>>;
};

interface Field {
  readonly blockId: string;
  readonly element: JsonObject;
  readonly optional: boolean;
}

function fieldOf(block: Block): Field[] {
  if (block['type'] !== 'input' || !isObject(block['element'])) return [];
  return [{ blockId: asString(block['block_id']) ?? '', element: block['element'], optional: block['optional'] === true }];
}

const lengthOf = (element: JsonObject, name: string, otherwise: number): number => Number(element[name] ?? otherwise);

/** What Slack itself does not let through. */
function mistake(text: string, { element, optional }: Field): string | null {
  if (text === '') return optional ? null : 'Please complete this required field.';
  const [min, max] = [lengthOf(element, 'min_length', 0), lengthOf(element, 'max_length', 3000)];
  if (text.length < min) return `At least ${min} characters, please.`;
  return text.length > max ? `At most ${max} characters, please.` : null;
}

function written(view: View, values: Submission['values']): { state: JsonObject; fields: Record<string, string> } {
  const state: Record<string, JsonObject> = {};
  const fields: Record<string, string> = {};
  for (const field of view.content.blocks.flatMap(fieldOf)) {
    const actionId = asString(field.element['action_id']) ?? '';
    const text = values[field.blockId]?.[actionId] ?? '';
    state[field.blockId] = { [actionId]: { type: 'plain_text_input', value: text === '' ? null : text } };
    const wrong = mistake(text, field);
    if (wrong !== null) fields[field.blockId] = wrong;
  }
  return { state, fields };
}

/** Does with the modal what the answer says (docs.slack.dev/surfaces/modals); what Slack would not take leaves it open. */
function goOn(view: View, outcome: Outcome, { store }: Scene): SubmissionOutcome {
  if ('error' in outcome || outcome.status !== 200) return { ...outcome, modal: 'open' };
  const origin = { system: 'slack', method: 'view_submission', answered: true } as const;
  const answer = outcome.body === '' ? {} : parseJson(outcome.body);
  const action = isObject(answer) ? (answer['response_action'] ?? 'clear') : undefined;
  if (action === 'clear') {
    store.commit({ type: 'view.closed', id: view.id }, origin);
    return { ...outcome, modal: 'closed' };
  }
  if (action === 'errors' && isObject(answer) && isObject(answer['errors'])) {
    const known = new Set(view.content.blocks.flatMap(fieldOf).map(({ blockId }) => blockId));
    const fields = Object.entries(answer['errors']).filter(([block]) => known.has(block));
    if (fields.length > 0) return { ...outcome, modal: 'errors', fields: Object.fromEntries(fields.map(([block, text]) => [block, String(text)])) };
  }
  if (action === 'update' && isObject(answer)) {
    const content = checkView(answer['view'], 'modal');
    if (!isRefusal(content)) {
      store.commit({ type: 'view.updated', id: view.id, edit: { content, hash: `${store.now()}.update` } }, origin);
      return { ...outcome, modal: 'updated' };
    }
  }
  return { error: `The answer is none that Slack would take: ${outcome.body.slice(0, 500)}`, ms: outcome.ms, modal: 'open' };
}

function openModal({ view, user }: Submission, { store }: Scene): { view: View; person: Person } | Refusal {
  const found = store.slack.views.modals.get(view);
  const person = personById(user);
  if (found === undefined || person === undefined || found.user !== user) return { errors: [`${user} has no modal ${view} open.`] };
  return { view: found, person };
}

/** Submits a modal as the person who has it open, and does with it what comes back. */
export async function submitModal(submission: Submission, scene: Scene): Promise<SubmissionOutcome | Refusal> {
  const found = openModal(submission, scene);
  if ('errors' in found) return found;
  const { view, person } = found;
  const { state, fields } = written(view, submission.values);
  if (Object.keys(fields).length > 0) return { error: 'Slack does not send this.', ms: 0, modal: 'errors', fields };
  const shown = presentView(view, scene.teamId, state);
  const outcome = await postPayload({ ...interaction('view_submission', person, scene), view: shown, response_urls: [] }, scene);
  return goOn(view, outcome, scene);
}

/** Closes a modal without submitting it; nobody is told. */
export function closeModal(submission: Submission, scene: Scene): { readonly modal: 'closed' } | Refusal {
  const found = openModal(submission, scene);
  if ('errors' in found) return found;
  scene.store.commit({ type: 'view.closed', id: found.view.id }, { system: 'slack', method: 'view_closed', answered: true });
  return { modal: 'closed' };
}
