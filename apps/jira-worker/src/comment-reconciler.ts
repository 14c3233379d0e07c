import type { JiraClient, JiraScopes } from '@deptracker/jira';
import type { Prepared, Reconciler, Standing } from '@deptracker/reconcile';
import { type Database, type Effect, type TicketRecord, findDeployment, findEffect, findEvent, findOutside } from '@deptracker/store';
import { commentBody } from '@deptracker/views';

export interface CommentReconcilerOptions {
  readonly database: Database;
  readonly jira: JiraClient;
  readonly scopes: JiraScopes;
}

const WAIT_FOR_TICKET_MS = 5_000;

const markerOf = (effect: Effect): string => `deptracker:${effect.id}`;
const found = (externalId: string): Standing => ({ externalId, final: true, save: () => Promise.resolve() });

/** Appends one comment per event to a ticket; found again by a marker in its text. */
export function createCommentReconciler({ database, jira, scopes }: CommentReconcilerOptions): Reconciler {
  const ticketOf = async (effect: Effect): Promise<TicketRecord | null> => {
    if (effect.deploymentId === null) return null;
    return (await findOutside(database, [effect.deploymentId])).get(effect.deploymentId)?.ticket ?? null;
  };

  async function prepare(effect: Effect): Promise<Prepared> {
    const known = await ticketOf(effect);
    if (known?.deleted === true) return { next: 'give_up', reason: 'its ticket was deleted in Jira' };
    if (known === null) {
      const ticket = effect.parentId === null ? null : await findEffect(database, effect.parentId);
      const hopeless = ticket === null || ticket.phase === 'dead' || ticket.phase === 'held';
      if (hopeless) return { next: 'give_up', reason: 'its ticket was never created', discarded: ticket?.discarded ?? false };
      return { next: 'wait', ms: WAIT_FOR_TICKET_MS, reason: 'its ticket is not there yet' };
    }
    const id = effect.deploymentId ?? '';
    const deployment = await findDeployment(database, id);
    const event = await findEvent(database, id, effect.eventRevision);
    if (deployment === null || event === null) return { next: 'give_up', reason: 'its deployment is gone' };
    const body = commentBody(deployment, event, markerOf(effect));
    return {
      next: 'send',
      revision: effect.desiredRevision,
      send: async (call) => found((await jira.addComment(known.issueId, body, call)).id),
    };
  }

  return {
    lookupBatch: 1,
    scopes: (effect) => scopes(effect.phase === 'unsent' ? 'addComment' : 'listComments'),
    prepare,
    find: async (effects, call) => {
      const standing = new Map<string, Standing[]>();
      for (const effect of effects) {
        const known = await ticketOf(effect);
        const comments = known === null ? [] : await jira.listComments(known.issueId, call);
        const mine = comments.filter(({ text }) => text.includes(markerOf(effect)));
        standing.set(effect.id, mine.map(({ id }) => found(id)));
      }
      return standing;
    },
    // A comment is what it was when it was written.
    update: (effect) => Promise.resolve({ state: 'current', revision: effect.desiredRevision, save: () => Promise.resolve() }),
    closeExtras: () => Promise.resolve(),
  };
}
