import type { Deployment } from '@deptracker/domain';
import type { Prepared, Reconciler, Updated } from '@deptracker/reconcile';
import { type CallOptions, VendorError } from '@deptracker/resilience';
import {
  type Effect,
  type MessageRecord,
  linkTicketInMessage,
  saveMessage,
  wakeChildren,
} from '@deptracker/store';
import { type SlackMessage, approvalMessage } from '@deptracker/views';
import { type MessageReconcilerOptions, deleteExtras, findInChannel, hashOf, markOf, postedAt } from './message.js';

/** What a channel's history is searched for at once. */
const LOOKUP_BATCH = 200;

interface Subject {
  readonly deployment: Deployment;
  readonly shown: MessageRecord | null;
  readonly message: SlackMessage;
}

const codeOf = (error: unknown): string | null => (error instanceof VendorError ? error.failure.code : null);

/** Keeps one approval message per deployment and channel: posted with its buttons, then edited in place. */
export function createApprovalReconciler({ subjects, slack, scopes, templates }: MessageReconcilerOptions): Reconciler {
  /** Runs whose message was rendered before there was a ticket. */
  const withoutTicket = new WeakSet<Effect>();

  async function subjectOf(effect: Effect): Promise<Subject | null> {
    const id = effect.deploymentId ?? '';
    const [deployment, outside] = await Promise.all([subjects.deployment(id), subjects.outside(id)]);
    if (deployment === null) return null;
    const { ticket, messages } = outside;
    const shown = messages.find(({ effectId }) => effectId === effect.id) ?? null;
    if (ticket === null) withoutTicket.add(effect);
    return { deployment, shown, message: approvalMessage(deployment, { ticket, templates: await templates.get() }) };
  }

  async function prepare(effect: Effect): Promise<Prepared> {
    const subject = await subjectOf(effect);
    if (subject === null) return { next: 'give_up', reason: 'its deployment is gone' };
    const { deployment, message } = subject;
    return {
      next: 'send',
      revision: deployment.revision,
      send: async (call) => {
        const { ts } = await slack.postMessage({ channel: effect.destination, ...message, metadata: markOf(effect) }, call);
        return postedAt(effect, ts, hashOf(message), null, effect.id, withoutTicket.has(effect));
      },
    };
  }

  async function update(effect: Effect, call: CallOptions): Promise<Updated> {
    const subject = await subjectOf(effect);
    if (!subject?.shown) {
      return { state: 'current', revision: effect.desiredRevision, save: () => Promise.resolve() };
    }
    const { deployment, shown, message } = subject;
    const contentHash = hashOf(message);
    if (contentHash !== shown.contentHash || effect.confirmAt !== null) {
      try {
        await slack.update({ channel: shown.channelId, ts: shown.ts, ...message }, call);
      } catch (error) {
        const code = codeOf(error);
        if (code === 'message_not_found') return { state: 'gone' };
        // Slack does not let it be edited any more; what happens is told in its thread.
        if (code !== 'cant_update_message' && code !== 'edit_window_closed') throw error;
      }
    }
    const { id: effectId, deploymentId, kind } = effect;
    const record = { effectId, deploymentId, kind, channelId: shown.channelId, ts: shown.ts, contentHash };
    return { state: 'current', revision: deployment.revision, save: (uow) => saveMessage(uow, record) };
  }

  return {
    lookupBatch: LOOKUP_BATCH,
    scopes: (effect) => {
      if (effect.phase === 'unsent') return scopes('chat.postMessage', effect.destination);
      return scopes(effect.phase === 'sent' ? 'chat.update' : 'conversations.history');
    },
    prepare,
    update,
    find: (effects, call) => findInChannel(slack, effects, call),
    closeExtras: (effect, call) => deleteExtras(slack, effect, call),
    settled: async (uow, effect, phase) => {
      if (phase !== 'sent') return;
      await wakeChildren(uow, effect.id);
      if (withoutTicket.has(effect)) await linkTicketInMessage(uow, effect);
    },
  };
}
