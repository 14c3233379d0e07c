import type { Prepared, Reconciler, Standing } from '@deptracker/reconcile';
import { type Effect, type KnownTicket, findTicket, findTicketRequest, saveTicket } from '@deptracker/store';
import { issueFields, ticketLabel } from '@deptracker/views';
import { LOOKUP_BATCH, closeDuplicates, findLabelled } from './labelled-issues.js';
import { type TicketReconcilerOptions, labelsOf } from './ticket-reconciler.js';
import { createWorkflow } from './workflow.js';

const labelOf = (effect: Effect): string => ticketLabel(effect.id);

/** Opens tickets that belong to no deployment, once each; what happens to them afterwards is people's affair. */
export function createIssueReconciler({ database, jira, scopes, ticket }: Omit<TicketReconcilerOptions, 'subjects' | 'templates'>): Reconciler {
  const workflow = createWorkflow(jira);

  const standing = (effect: Effect, issue: { id: string; key: string }, known: Partial<KnownTicket> = {}): Standing => ({
    externalId: issue.id,
    final: true,
    save: (uow) => saveTicket(uow, null, effect.id, { issueId: issue.id, key: issue.key, url: `${ticket.browseUrl}${issue.key}`, ...known }),
  });

  async function prepare(effect: Effect): Promise<Prepared> {
    const asked = await findTicketRequest(database, effect.id);
    if (asked === null) return { next: 'give_up', reason: 'what it should say is gone' };
    const fields = {
      ...ticket.extraFields,
      project: { key: asked.projectKey ?? ticket.projectKey },
      issuetype: { name: asked.type ?? ticket.issueType },
      ...(asked.priority === null ? {} : { priority: { name: asked.priority } }),
      ...issueFields(asked),
      labels: [...labelsOf(ticket.extraFields), labelOf(effect)],
    };
    return {
      next: 'send',
      revision: effect.desiredRevision,
      send: async (call) => standing(effect, await jira.createIssue({ fields }, call)),
    };
  }

  return {
    lookupBatch: LOOKUP_BATCH,
    scopes: (effect) => {
      if (effect.phase === 'unsent') return scopes('createIssue');
      return scopes(effect.phase === 'sent' && effect.extraIds.length > 0 ? 'getIssue' : 'searchByLabels');
    },
    prepare,
    find: (effects, call) =>
      findLabelled(jira, effects, labelOf, call, (effect, issue) => {
        const { id: statusId, name: status, category: statusCategory } = issue.status;
        return standing(effect, issue, { status, statusId, statusCategory });
      }),
    update: (effect) => Promise.resolve({ state: 'current', revision: effect.desiredRevision, save: () => Promise.resolve() }),
    closeExtras: async (effect, call) => {
      const known = await findTicket(database, { id: effect.id });
      await closeDuplicates({ jira, workflow }, effect.extraIds, known?.key ?? null, call);
    },
  };
}
