import type { Prepared, Reconciler } from '@deptracker/reconcile';
import { type Effect, findDeployment, findEvent, listDigestMembers, settleDigestMembers } from '@deptracker/store';
import { digestMessage } from '@deptracker/views';
import { type MessageReconcilerOptions, deleteExtras, findInChannel, markOf, standingAt } from './message.js';

const LOOKUP_BATCH = 200;

/** Posts one digest: a line for each notice that was frozen into it. */
export function createDigestReconciler({ database, slack, scopes, templates }: MessageReconcilerOptions): Reconciler {
  async function prepare(effect: Effect): Promise<Prepared> {
    const members = await listDigestMembers(database, effect.id);
    const lines = await Promise.all(
      members.map(async ({ deploymentId, eventRevision }) => ({
        deployment: await findDeployment(database, deploymentId),
        event: await findEvent(database, deploymentId, eventRevision),
      })),
    );
    const known = lines.flatMap(({ deployment, event }) => (deployment === null || event === null ? [] : [{ deployment, event }]));
    if (known.length === 0) return { next: 'give_up', reason: 'its deployments are gone' };
    const digest = digestMessage(known, await templates.get());
    const message = { channel: effect.destination, ...digest, metadata: markOf(effect) };
    return {
      next: 'send',
      revision: effect.desiredRevision,
      send: async (call) => standingAt(effect, (await slack.postMessage(message, call)).ts, null),
    };
  }

  return {
    lookupBatch: LOOKUP_BATCH,
    scopes: (effect) =>
      effect.phase === 'unsent' ? scopes('chat.postMessage', effect.destination) : scopes('conversations.history'),
    prepare,
    find: (effects, call) => findInChannel(slack, effects, call),
    // A digest is what it was when it was written.
    update: (effect) => Promise.resolve({ state: 'current', revision: effect.desiredRevision, save: () => Promise.resolve() }),
    closeExtras: (effect, call) => deleteExtras(slack, effect, call),
    settled: async (uow, effect, phase) => {
      if (phase === 'sent' || phase === 'dead' || phase === 'held') await settleDigestMembers(uow, effect.id);
    },
  };
}
