import { createHash } from 'node:crypto';
import { type Deployment, STATUS_RULES } from '@deptracker/domain';
import type { JiraClient, JiraIssue, JiraScopes } from '@deptracker/jira';
import type { Prepared, Reconciler, Standing, Updated } from '@deptracker/reconcile';
import { type CallOptions, VendorError } from '@deptracker/resilience';
import {
  type Database,
  type Effect,
  type TicketRecord,
  type UnitOfWork,
  findDeployment,
  findOutside,
  findProject,
  oweComment,
  saveTicket,
  showTicketInMessage,
} from '@deptracker/store';
import { ticketFields, ticketLabel } from '@deptracker/views';
import { ticketComments } from './ticket-comments.js';
import { type KnownStatus, type Workflow, createWorkflow } from './workflow.js';

export interface TicketSettings {
  readonly projectKey: string;
  readonly issueType: string;
  /** Fields that the create screen requires besides ours; written as they are. */
  readonly extraFields: Readonly<Record<string, unknown>>;
  /** Event types that the ticket gets a comment for. */
  readonly commentOn: ReadonlySet<string>;
  /** What comes before the key in a ticket's address. */
  readonly browseUrl: string;
}

export interface TicketReconcilerOptions {
  readonly database: Database;
  readonly jira: JiraClient;
  readonly scopes: JiraScopes;
  readonly ticket: TicketSettings;
}

/** Issues that one search asks for; the client takes no more labels. */
const LOOKUP_BATCH = 50;

function hashOf(fields: object): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url');
}

function knownStatus(ticket: TicketRecord): KnownStatus {
  const { status, statusId, statusCategory } = ticket;
  if (status === null || statusId === null || statusCategory === null) return null;
  return { id: statusId, name: status, category: statusCategory };
}

/** Labels that the configuration adds to ours. */
function labelsOf(extraFields: TicketSettings['extraFields']): unknown[] {
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
    const content = ticketFields(deployment);
    const { projectKey, issueType, extraFields } = this.options.ticket;
    const project = await findProject(this.options.database, deployment.project);
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
        const standing = this.#standing(effect, issue, { contentHash: hashOf(content) });
        return {
          ...standing,
          save: async (uow) => {
            await standing.save(uow);
            for (const revision of comments) await oweComment(uow, effect, revision);
          },
        };
      },
    };
  }

  async find(effects: readonly Effect[], call: CallOptions): Promise<Map<string, Standing[]>> {
    const labels = new Map(effects.map((effect) => [ticketLabel(effect.deploymentId ?? ''), effect]));
    const issues = await this.options.jira.searchByLabels([...labels.keys()], call);
    const found = new Map<string, Standing[]>();
    for (const issue of issues.sort((a, b) => Number(a.id) - Number(b.id))) {
      for (const label of issue.labels) {
        const effect = labels.get(label);
        if (effect === undefined) continue;
        const { id: statusId, name: status, category: statusCategory } = issue.status;
        const standing = this.#standing(effect, issue, { status, statusId, statusCategory });
        found.set(effect.id, [...(found.get(effect.id) ?? []), standing]);
      }
    }
    return found;
  }

  async update(effect: Effect, call: CallOptions): Promise<Updated> {
    const deployment = await this.#deployment(effect);
    const ticket = await this.#ticket(effect);
    const nothing = { state: 'current' as const, revision: effect.desiredRevision, save: () => Promise.resolve() };
    if (deployment === null || ticket === null) return nothing;
    const content = ticketFields(deployment);
    const contentHash = hashOf(content);
    if (contentHash !== ticket.contentHash) await this.options.jira.updateIssue(ticket.issueId, content, call);
    const wanted = STATUS_RULES[deployment.status].ticket;
    const at = await this.#workflow.move(ticket.issueId, knownStatus(ticket), wanted, call);
    const comments = await this.#comments(deployment, effect.appliedRevision, (at?.category ?? 'new') === wanted);
    return {
      state: 'current',
      revision: deployment.revision,
      save: async (uow) => {
        const moved = at === null ? {} : { status: at.name, statusId: at.id, statusCategory: at.category };
        await saveTicket(uow, deployment.id, effect.id, { ...ticket, contentHash, ...moved });
        for (const revision of comments) await oweComment(uow, effect, revision);
      },
    };
  }

  async closeExtras(effect: Effect, call: CallOptions): Promise<void> {
    const ticket = await this.#ticket(effect);
    for (const id of effect.extraIds) {
      const extra = await this.#look(id, call);
      if (extra === null) continue;
      if (ticket !== null) await this.options.jira.linkIssues(extra.key, ticket.key, call);
      await this.#workflow.move(id, extra.status, 'done', call);
    }
  }

  async settled(uow: UnitOfWork, effect: Effect, phase: string): Promise<void> {
    if (phase === 'sent' && effect.phase !== 'sent' && effect.deploymentId !== null) {
      await showTicketInMessage(uow, effect.deploymentId);
    }
  }

  #comments(deployment: Deployment, after: number, arrived: boolean): Promise<number[]> {
    const { database, ticket } = this.options;
    return ticketComments(database, deployment, { after, commentOn: ticket.commentOn, arrived });
  }

  #standing(effect: Effect, issue: { id: string; key: string }, known: Partial<TicketRecord>): Standing {
    const url = `${this.options.ticket.browseUrl}${issue.key}`;
    return {
      externalId: issue.id,
      save: (uow) =>
        effect.deploymentId === null
          ? Promise.resolve()
          : saveTicket(uow, effect.deploymentId, effect.id, { issueId: issue.id, key: issue.key, url, ...known }),
    };
  }

  /** Null where somebody has deleted the issue. */
  async #look(issueId: string, call: CallOptions): Promise<JiraIssue | null> {
    try {
      return await this.options.jira.getIssue(issueId, ['status'], call);
    } catch (error) {
      if (error instanceof VendorError && error.failure.code === 'http_404') return null;
      throw error;
    }
  }

  #deployment(effect: Effect): Promise<Deployment | null> {
    return effect.deploymentId === null ? Promise.resolve(null) : findDeployment(this.options.database, effect.deploymentId);
  }

  async #ticket(effect: Effect): Promise<TicketRecord | null> {
    if (effect.deploymentId === null) return null;
    return (await findOutside(this.options.database, [effect.deploymentId])).get(effect.deploymentId)?.ticket ?? null;
  }
}

/** Keeps one change ticket per deployment: created with its label, moved through the workflow as the deployment moves. */
export function createTicketReconciler(options: TicketReconcilerOptions): Reconciler {
  return new TicketReconciler(options);
}
