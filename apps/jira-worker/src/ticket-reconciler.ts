import { createHash } from 'node:crypto';
import { type Deployment, STATUS_RULES } from '@deptracker/domain';
import type { JiraClient, JiraScopes } from '@deptracker/jira';
import type { Prepared, Reconciler, Standing, Updated } from '@deptracker/reconcile';
import type { CallOptions } from '@deptracker/resilience';
import {
  type Database,
  type Effect,
  type Fresh,
  type KnownTicket,
  type Subjects,
  type TicketRecord,
  type UnitOfWork,
  oweComment,
  saveTicket,
  showTicketInMessage,
} from '@deptracker/store';
import { type Templates, ticketFields, ticketLabel } from '@deptracker/views';
import { LOOKUP_BATCH, closeDuplicates, findLabelled } from './labelled-issues.js';
import { ticketComments } from './ticket-comments.js';
import { type KnownStatus, type Workflow, createWorkflow } from './workflow.js';

export interface TicketSettings {
  readonly projectKey: string;
  readonly issueType: string;
  /** Fields that the create screen requires besides ours; written as they are. */
  readonly extraFields: Readonly<Record<string, unknown>>;
  /** Event types that the ticket gets a comment for now. */
  readonly commentOn: () => Promise<ReadonlySet<string>>;
  /** What comes before the key in a ticket's address. */
  readonly browseUrl: string;
}

export interface TicketReconcilerOptions {
  readonly database: Database;
  readonly subjects: Subjects;
  readonly jira: JiraClient;
  readonly scopes: JiraScopes;
  readonly ticket: TicketSettings;
  readonly templates: Pick<Fresh<Templates>, 'get'>;
}

function hashOf(fields: object): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url');
}

function knownStatus(ticket: TicketRecord): KnownStatus {
  const { status, statusId, statusCategory } = ticket;
  if (status === null || statusId === null || statusCategory === null) return null;
  return { id: statusId, name: status, category: statusCategory };
}

/** Labels that the configuration adds to ours. */
export function labelsOf(extraFields: TicketSettings['extraFields']): unknown[] {
  const labels = extraFields['labels'];
  return Array.isArray(labels) ? (labels as unknown[]) : [];
}

class TicketReconciler implements Reconciler {
  readonly lookupBatch = LOOKUP_BATCH;
  readonly #workflow: Workflow;

  constructor(private readonly options: TicketReconcilerOptions) {
    this.#workflow = createWorkflow(options.jira);
  }

  scopes(effect: Effect): ReturnType<JiraScopes> {
    if (effect.phase === 'unsent') return this.options.scopes('createIssue');
    return effect.phase === 'sent'
      ? this.options.scopes('transition', effect.externalId ?? undefined)
      : this.options.scopes('searchByLabels');
  }

  async prepare(effect: Effect): Promise<Prepared> {
    const deployment = await this.#deployment(effect);
    if (deployment === null) return { next: 'give_up', reason: 'its deployment is gone' };
    const content = ticketFields(deployment, await this.options.templates.get());
    const { projectKey, issueType, extraFields } = this.options.ticket;
    const project = await this.options.subjects.project(deployment.project);
    const fields = {
      ...extraFields,
      project: { key: project?.jiraProjectKey ?? projectKey },
      issuetype: { name: issueType },
      ...content,
      labels: [...labelsOf(extraFields), ticketLabel(deployment.id)],
    };
    // A new ticket has the workflow's first status: where the deployment is further, it is brought up to date next.
    const isThere = STATUS_RULES[deployment.status].ticket === 'new';
    const comments = await this.#comments(deployment, 0, true);
    return {
      next: 'send',
      revision: isThere ? deployment.revision : 0,
      send: async (call) => {
        const issue = await this.options.jira.createIssue({ fields }, call);
        const known = { contentHash: hashOf(content), summary: content.summary };
        const standing = this.#standing(effect, issue, known);
        const ticket = { ...known, issueId: issue.id, key: issue.key, url: this.#url(issue), deploymentId: deployment.id, effectId: effect.id };
        return {
          ...standing,
          ...(comments.length === 0 ? { kept: { ticket } } : {}),
          save: async (uow) => {
            await standing.save(uow);
            for (const revision of comments) await oweComment(uow, effect, revision);
          },
        };
      },
    };
  }

  find(effects: readonly Effect[], call: CallOptions): Promise<Map<string, Standing[]>> {
    const labelOf = (effect: Effect): string => ticketLabel(effect.deploymentId ?? '');
    return findLabelled(this.options.jira, effects, labelOf, call, (effect, issue) => {
      const { id: statusId, name: status, category: statusCategory } = issue.status;
      return this.#standing(effect, issue, { status, statusId, statusCategory });
    });
  }

  async update(effect: Effect, call: CallOptions): Promise<Updated> {
    const deployment = await this.#deployment(effect);
    const ticket = await this.#ticket(effect);
    const nothing = { state: 'current' as const, revision: effect.desiredRevision, save: () => Promise.resolve() };
    // Who has deleted it in Jira did not want it: it is not made anew by itself.
    if (deployment === null || ticket === null || ticket.deleted) return nothing;
    const content = ticketFields(deployment, await this.options.templates.get());
    const contentHash = hashOf(content);
    const doubtful = effect.confirmAt !== null;
    if (contentHash !== ticket.contentHash || doubtful) await this.options.jira.updateIssue(ticket.issueId, content, call);
    const wanted = STATUS_RULES[deployment.status].ticket;
    const known = doubtful ? (await this.options.jira.getIssue(ticket.issueId, ['status'], call)).status : knownStatus(ticket);
    const at = await this.#workflow.move(ticket.issueId, known, wanted, call);
    const comments = await this.#comments(deployment, effect.appliedRevision, (at?.category ?? 'new') === wanted);
    return {
      state: 'current',
      revision: deployment.revision,
      save: async (uow) => {
        const moved = at === null ? {} : { status: at.name, statusId: at.id, statusCategory: at.category };
        await saveTicket(uow, deployment.id, effect.id, { ...ticket, contentHash, summary: content.summary, ...moved });
        for (const revision of comments) await oweComment(uow, effect, revision);
      },
    };
  }

  async closeExtras(effect: Effect, call: CallOptions): Promise<void> {
    const ticket = await this.#ticket(effect);
    await closeDuplicates({ ...this.options, workflow: this.#workflow }, effect.extraIds, ticket?.key ?? null, call);
  }

  async settled(uow: UnitOfWork, effect: Effect, phase: string): Promise<void> {
    if (phase === 'sent' && effect.phase !== 'sent' && effect.deploymentId !== null) {
      await showTicketInMessage(uow, effect.deploymentId);
    }
  }

  async #comments(deployment: Deployment, after: number, arrived: boolean): Promise<number[]> {
    const { database, ticket } = this.options;
    return ticketComments(database, deployment, { after, commentOn: await ticket.commentOn(), arrived });
  }

  #standing(effect: Effect, issue: { id: string; key: string }, known: Partial<KnownTicket>): Standing {
    const url = this.#url(issue);
    return {
      externalId: issue.id,
      save: (uow) =>
        effect.deploymentId === null
          ? Promise.resolve()
          : saveTicket(uow, effect.deploymentId, effect.id, { issueId: issue.id, key: issue.key, url, ...known }),
    };
  }

  #url({ key }: { readonly key: string }): string {
    return `${this.options.ticket.browseUrl}${key}`;
  }

  #deployment(effect: Effect): Promise<Deployment | null> {
    return effect.deploymentId === null ? Promise.resolve(null) : this.options.subjects.deployment(effect.deploymentId);
  }

  async #ticket(effect: Effect): Promise<TicketRecord | null> {
    if (effect.deploymentId === null) return null;
    return (await this.options.subjects.outside(effect.deploymentId)).ticket;
  }
}

/** Keeps one change ticket per deployment: created with its label, moved through the workflow as the deployment moves. */
export function createTicketReconciler(options: TicketReconcilerOptions): Reconciler {
  return new TicketReconciler(options);
}
