import { EFFECT_KINDS, type EffectKind, type Owed, PRIORITIES, owes } from '@deptracker/domain';
import { ticketSummary } from '@deptracker/views';
import { DAY, MINUTE } from './calendar.js';
import type { Random } from './random.js';
import type { Story } from './story.js';
import { type Rows, type Table, type Value, add, ticketStatus } from './tables.js';

const EFFECTS: Table = {
  name: 'effects',
  columns: [
    'id', 'kind', 'target', 'deployment_id', 'event_revision', 'destination', 'parent_id', 'priority', 'phase', 'desired_revision',
    'applied_revision', 'sends', 'first_sent_at', 'sent_at', 'external_id', 'created_at', 'updated_at',
  ],
};
const TICKETS: Table = {
  name: 'jira_tickets',
  columns: ['deployment_id', 'effect_id', 'issue_id', 'key', 'url', 'summary', 'status', 'status_category', 'owed_at', 'created_at', 'updated_at'],
};
const MESSAGES: Table = {
  name: 'slack_messages',
  columns: ['effect_id', 'deployment_id', 'kind', 'channel_id', 'ts', 'thread_ts', 'posted_at', 'updated_at'],
};

/** What clean-up would have removed by now is not made. */
const NOTICES_KEPT = 29 * DAY;
/** Notices that are due so near to each other become one digest, at most so many. */
const DIGEST_WINDOW = MINUTE;
const MOST_MEMBERS = 50;

interface Notice {
  readonly deploymentId: string;
  readonly channelId: string;
  readonly revision: number;
  readonly at: number;
}

/** One thing that was owed and is done. */
interface Done {
  readonly id: string;
  readonly kind: EffectKind;
  readonly deploymentId: string | null;
  readonly eventRevision: number;
  readonly destination: string;
  readonly parentId: string | null;
  readonly priority: number;
  readonly revision: number;
  readonly externalId: string;
  readonly owedAt: number;
  readonly sentAt: number;
  readonly updatedAt: number;
}

/** Writes what seeded deployments owed, as delivered: nothing of it is ever due, so no worker sends any of it. */
export class Outside {
  readonly #random: Random;
  readonly #seed: number;
  readonly #noticesSince: number;
  #tickets = 0;
  #posts = 0;
  #notices: Notice[] = [];

  constructor(random: Random, seed: number, until: Date) {
    this.#random = random;
    this.#seed = seed;
    this.#noticesSince = until.getTime() - NOTICES_KEPT;
  }

  /** Ticket, approval message and replies of a deployment; its notices wait for `addDigests`. */
  add(rows: Rows, story: Story): void {
    const { deployment, told } = story;
    const owed = told.flatMap(({ event, at }) => owes(deployment, event).map((one) => ({ ...one, at })));
    const last = (kind: EffectKind): (Owed & { at: number }) | undefined => owed.findLast((one) => one.kind === kind);
    const ticket = last('jira.ticket');
    if (ticket !== undefined) this.#addTicket(rows, story, ticket);
    const approval = last('slack.approval');
    if (approval !== undefined) this.#addThread(rows, story, approval, owed);
    for (const { kind, destination: channelId, revision, at } of owed) {
      if (kind === 'slack.notice' && at >= this.#noticesSince) this.#notices.push({ deploymentId: deployment.id, channelId, revision, at });
    }
  }

  /** The notices so far, gathered into the digests that carried them. */
  addDigests(rows: Rows): void {
    const open = new Map<string, Notice[]>();
    const close = (members: readonly Notice[]): void => this.#addDigest(rows, members);
    for (const notice of this.#notices.sort((a, b) => a.at - b.at)) {
      const members = open.get(notice.channelId);
      const first = members?.[0];
      if (members !== undefined && first !== undefined && notice.at - first.at < DIGEST_WINDOW && members.length < MOST_MEMBERS) members.push(notice);
      else {
        if (members !== undefined) close(members);
        open.set(notice.channelId, [notice]);
      }
    }
    for (const members of open.values()) close(members);
    this.#notices = [];
  }

  #addTicket(rows: Rows, story: Story, { revision, at }: { readonly revision: number; readonly at: number }): void {
    const { deployment } = story;
    const deploymentId = deployment.id;
    this.#tickets += 1;
    const [issueId, key] = [String(9_000_000_000 + this.#tickets), `SEED${this.#seed}-${this.#tickets}`];
    const owedAt = deployment.createdAt.getTime();
    const sentAt = owedAt + this.#delay(4);
    const updatedAt = Math.max(sentAt, at + this.#delay(4));
    const id = this.#random.uuid(owedAt);
    const status = ticketStatus(story);
    this.#addEffect(rows, { id, kind: 'jira.ticket', deploymentId, eventRevision: 0, destination: '', parentId: null, priority: PRIORITIES.default, revision, externalId: issueId, owedAt, sentAt, updatedAt });
    const url = `https://jira.example.com/browse/${key}`;
    // Neither id of the status nor hash of the texts: who changes the deployment writes the ticket anew.
    add(rows, TICKETS, [deploymentId, id, issueId, key, url, ticketSummary(deployment), status.name, status.category, new Date(owedAt), new Date(sentAt), new Date(updatedAt)]);
  }

  #addThread(rows: Rows, { deployment }: Story, approval: Owed & { readonly at: number }, owed: readonly (Owed & { readonly at: number })[]): void {
    const { id: deploymentId, channelId } = deployment;
    const owedAt = deployment.createdAt.getTime();
    const sentAt = owedAt + this.#delay(2);
    const root = this.#ts(sentAt);
    const parentId = this.#random.uuid(owedAt);
    const updatedAt = Math.max(sentAt, approval.at + this.#delay(2));
    const shared = { deploymentId, destination: channelId } as const;
    this.#addEffect(rows, { ...shared, id: parentId, kind: 'slack.approval', eventRevision: 0, parentId: null, priority: PRIORITIES[approval.priority], revision: approval.revision, externalId: root, owedAt, sentAt, updatedAt });
    add(rows, MESSAGES, [parentId, deploymentId, 'slack.approval', channelId, root, null, new Date(sentAt), new Date(updatedAt)]);
    for (const { kind, revision, priority, at } of owed) {
      if (kind !== 'slack.reply') continue;
      const id = this.#random.uuid(at);
      const posted = at + this.#delay(3);
      const ts = this.#ts(posted);
      this.#addEffect(rows, { ...shared, id, kind, eventRevision: revision, parentId, priority: PRIORITIES[priority], revision, externalId: ts, owedAt: at, sentAt: posted, updatedAt: posted });
      add(rows, MESSAGES, [id, deploymentId, kind, channelId, ts, root, new Date(posted), new Date(posted)]);
    }
  }

  #addDigest(rows: Rows, members: readonly Notice[]): void {
    const [first, last] = [members[0], members.at(-1)];
    if (first === undefined || last === undefined) return;
    const owedAt = Math.max(first.at + DIGEST_WINDOW, last.at);
    const sentAt = owedAt + this.#delay(2);
    const [id, ts] = [this.#random.uuid(owedAt), this.#ts(sentAt)];
    const shared = { destination: first.channelId, priority: PRIORITIES.low, externalId: ts, sentAt, updatedAt: sentAt } as const;
    this.#addEffect(rows, { ...shared, id, kind: 'slack.digest', deploymentId: null, eventRevision: 0, parentId: null, revision: 1, owedAt });
    add(rows, MESSAGES, [id, null, 'slack.digest', first.channelId, ts, null, new Date(sentAt), new Date(sentAt)]);
    for (const { deploymentId, revision, at } of members) {
      this.#addEffect(rows, { ...shared, id: this.#random.uuid(at), kind: 'slack.notice', deploymentId, eventRevision: revision, parentId: id, revision, owedAt: at });
    }
  }

  #addEffect(rows: Rows, done: Done): void {
    const sends = done.kind === 'slack.notice' ? 0 : 1;
    const sent: Value = sends === 0 ? null : new Date(done.sentAt);
    add(rows, EFFECTS, [
      done.id, done.kind, EFFECT_KINDS[done.kind], done.deploymentId, done.eventRevision, done.destination, done.parentId, done.priority,
      'sent', done.revision, done.revision, sends, sent, sent, done.externalId, new Date(done.owedAt), new Date(done.updatedAt),
    ]);
  }

  #delay(median: number): number {
    return Math.round(Math.min(90, this.#random.logNormal(median, 0.6)) * 1_000);
  }

  /** Slack's name for a message of this moment. */
  #ts(at: number): string {
    this.#posts += 1;
    return `${Math.floor(at / 1_000)}.${String((at % 1_000) * 1_000 + (this.#posts % 1_000)).padStart(6, '0')}`;
  }
}
