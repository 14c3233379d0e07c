import type { History } from '../history.js';
import type { Ledger } from '../ledger.js';
import { rowsOf } from './rows-of.js';
import type { EffectRow, Step, Stored } from './stored.js';

/** Requests that create which the product may send for one effect: the first, and one more after a quiet schedule. */
export const MAX_SENDS = 2;
/** Looks of which a quiet schedule consists at least: one alone may come too early, or too late. */
const LEAST_LOOKS = 2;

const NOTHING_FOUND = `no answer to ${MAX_SENDS} requests and nothing found`;
const NOTHING_TO_REPLY_TO = 'the message to reply to was never posted';

/** Something that stands outside, and since when. */
interface Standing {
  readonly at: number;
}

const isIntent = ({ intent }: Step): boolean => intent;
const isLook = ({ before, after, intent }: Step): boolean => before === after && !intent;

export const stepsOf = ({ steps }: Stored, effectId: string): readonly Step[] => rowsOf(steps, 'effect_id', effectId);

/** What stands outside of an effect and was not closed. */
function standingOf({ id, kind, deployment_id: deploymentId }: EffectRow, ledger: Ledger): readonly Standing[] {
  if (kind === 'jira.ticket') return ledger.ticketsOf(deploymentId ?? '').filter(({ duplicateOf }) => duplicateOf === null);
  if (kind === 'jira.comment') return ledger.commentsOf(id);
  return ledger.postsOf(id).filter(({ deleted }) => !deleted);
}

/**
 * What is wrong with an effect's being held, by the steps until then; null where nothing is. A vendor may apply a request
 * when the product has looked for the last time: what came to stand after the claim of that look is nobody's fault.
 */
export function heldWrongly(steps: readonly Step[], standing: readonly Standing[]): string | null {
  const end = steps.findLastIndex(({ after }) => after === 'held');
  if (end < 0) return 'it never was';
  const until = steps.slice(0, end);
  const intents = until.filter(isIntent).length;
  if (intents < MAX_SENDS) return `after ${intents} requests`;
  const looks = until.slice(until.findLastIndex(isIntent)).filter(isLook);
  if (looks.length < LEAST_LOOKS) return `after ${looks.length} looks at what became of the last request`;
  const lookedAt = looks.at(-1)?.at.getTime() ?? 0;
  return standing.some(({ at }) => at < lookedAt) ? 'and it stood outside when it was looked for' : null;
}

/**
 * Whether a request was repeated although the first had been applied when the product looked, or without a look. `things`
 * are all that it made, the oldest first.
 */
export function sentAgainWrongly(things: readonly Standing[], steps: readonly Step[]): boolean {
  return things.slice(1).some((thing, index) => {
    const intent = steps.findLastIndex((step) => isIntent(step) && step.at.getTime() <= thing.at);
    const look = steps.slice(0, Math.max(0, intent)).findLast(isLook) ?? steps[intent];
    return look === undefined || (things[index]?.at ?? 0) < look.at.getTime();
  });
}

function deadWrongly(effect: EffectRow, stored: Stored, ledger: Ledger): string | null {
  const parent = rowsOf(stored.effects, 'id', effect.parent_id ?? '')[0];
  if (effect.kind !== 'slack.reply' || effect.last_error !== NOTHING_TO_REPLY_TO || parent === undefined) return 'without a good reason';
  // Who presses a button of a message that came too late proves that it stands: its reply may have been given up before.
  const diedAt = stepsOf(stored, effect.id).findLast(({ after }) => after === 'dead')?.at ?? new Date(0);
  const wrong = heldWrongly(stepsOf(stored, parent.id).filter(({ at }) => at <= diedAt), standingOf(parent, ledger));
  return wrong === null ? null : `because its message was held: ${wrong}`;
}

/**
 * What is wrong with an effect's being given up; null where nothing is. Faults that pass are no reason: only what a vendor
 * has refused for good, what was looked for twice and did not stand, or what can only follow something like that.
 */
export function givenUpWrongly(effect: EffectRow, stored: Stored, ledger: Ledger, { poisons }: History): string | null {
  const { id, kind, phase, parent_id: parentId, sends, last_error: reason } = effect;
  if (phase === 'dead') return poisons.has(effect.deployment_id ?? '') ? null : deadWrongly(effect, stored, ledger);
  if (reason !== NOTHING_FOUND) return 'without a good reason';
  // A notice shares the end of its digest, which is judged itself.
  if (kind === 'slack.notice') return stored.effects.some((one) => one.id === parentId && one.phase === 'held') ? null : 'without its digest';
  if (sends !== MAX_SENDS) return `after ${sends} requests`;
  return heldWrongly(stepsOf(stored, id), standingOf(effect, ledger));
}
