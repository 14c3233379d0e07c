import type { Prepared, Reconciler } from '@deptracker/reconcile';
import { type Effect, findEffect, findEvent, hasEarlierReply, wakeChildren } from '@deptracker/store';
import { replyMessage } from '@deptracker/views';
import { type MessageReconcilerOptions, deleteExtras, findInThread, markOf, postedAt } from './message.js';

const LOOKUP_BATCH = 50;
const WAIT_FOR_MESSAGE_MS = 5_000;
const WAIT_FOR_EARLIER_MS = 1_000;

/** Appends one reply per event to the thread of the approval message, in the order of the events. */
export function createReplyReconciler({ database, subjects, slack, scopes, templates }: MessageReconcilerOptions): Reconciler {
  /** Runs that found no message to reply to. */
  const tooEarly = new WeakSet<Effect>();

  const parentOf = async (effect: Effect): Promise<Effect | null> =>
    effect.parentId === null ? null : findEffect(database, effect.parentId);

  async function prepare(effect: Effect): Promise<Prepared> {
    const parent = await parentOf(effect);
    if (parent === null || (parent.externalId === null && (parent.phase === 'dead' || parent.phase === 'held'))) {
      return { next: 'give_up', reason: 'the message to reply to was never posted', discarded: parent?.discarded ?? false };
    }
    const threadTs = parent.externalId;
    if (threadTs === null) {
      tooEarly.add(effect);
      return { next: 'wait', ms: WAIT_FOR_MESSAGE_MS, reason: 'the message to reply to is not there yet' };
    }
    if (await hasEarlierReply(database, effect)) {
      return { next: 'wait', ms: WAIT_FOR_EARLIER_MS, reason: 'an earlier reply is still to come' };
    }
    const id = effect.deploymentId ?? '';
    const [deployment, event] = await Promise.all([subjects.deployment(id), findEvent(database, id, effect.eventRevision)]);
    if (deployment === null || event === null) return { next: 'give_up', reason: 'its deployment is gone' };
    const reply = replyMessage(deployment, event, await templates.get());
    const message = { channel: effect.destination, threadTs, ...reply, metadata: markOf(effect) };
    return {
      next: 'send',
      revision: effect.desiredRevision,
      send: async (call) => postedAt(effect, (await slack.postMessage(message, call)).ts, null, threadTs, effect.parentId),
    };
  }

  return {
    lookupBatch: LOOKUP_BATCH,
    scopes: (effect) =>
      effect.phase === 'unsent' ? scopes('chat.postMessage', effect.destination) : scopes('conversations.replies'),
    prepare,
    find: async (effects, call) => {
      const [first] = effects;
      const threadTs = first === undefined ? null : ((await parentOf(first))?.externalId ?? null);
      return threadTs === null ? new Map() : findInThread(slack, effects, threadTs, call);
    },
    // A reply is what it was when it was written.
    update: (effect) => Promise.resolve({ state: 'current', revision: effect.desiredRevision, save: () => Promise.resolve() }),
    closeExtras: (effect, call) => deleteExtras(slack, effect, call),
    settled: async (uow, effect, phase) => {
      if (effect.parentId === null) return;
      const over = phase === 'sent' || phase === 'dead' || phase === 'held';
      // A message that was posted while we looked for it woke only those that were waiting already.
      const posted = tooEarly.has(effect) && typeof (await findEffect(uow, effect.parentId))?.externalId === 'string';
      if (over || posted) await wakeChildren(uow, effect.parentId);
    },
  };
}
