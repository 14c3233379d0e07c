import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A ticket as the outside has it. */
export interface Ticket {
  readonly id: string;
  readonly key: string;
  readonly seq: number;
  /** When it came to stand, by the clock that the database has too. */
  readonly at: number;
  readonly labels: readonly string[];
  summary: string;
  /** As JSON. */
  description: string;
  category: 'new' | 'indeterminate' | 'done';
  /** The key of the ticket that this one was declared a duplicate of. */
  duplicateOf: string | null;
}

/** A message as the outside has it. */
export interface Post {
  readonly ts: string;
  readonly seq: number;
  readonly at: number;
  /** `approval`, `reply`, `digest`. */
  readonly kind: string;
  readonly effectId: string;
  readonly threadTs: string | null;
  text: string;
  /** Its blocks as JSON, buttons included. */
  blocks: string;
  edits: number;
  deleted: boolean;
}

/** A comment on a ticket as the outside has it. */
export interface Comment {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  /** The ticket that it stands on. */
  readonly issueId: string;
  /** By the mark in its text; empty where it has none. */
  readonly effectId: string;
}

interface Line {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly change: {
    readonly issue?: { readonly id: string; readonly key: string; readonly fields: { readonly labels?: readonly string[]; readonly summary?: string; readonly description?: object } };
    readonly fields?: { readonly summary?: string; readonly description?: object };
    readonly id?: string;
    readonly statusId?: string;
    readonly comment?: { readonly id: string; readonly body: object };
    readonly link?: { readonly type: string; readonly inward: string; readonly outward: string };
    readonly message?: {
      readonly ts: string;
      readonly text: string;
      readonly blocks: readonly object[] | null;
      readonly threadTs: string | null;
      readonly metadata: { readonly event_type: string; readonly event_payload: { readonly effect_id?: string } } | null;
    };
    readonly ts?: string;
    readonly edit?: { readonly text: string; readonly blocks: readonly object[] | null };
  };
}

/** How the product marks what it writes into a comment. */
const MARK = /deptracker:([0-9a-f-]{36})/;

const CATEGORIES: Readonly<Record<string, Ticket['category']>> = { '10000': 'new', '10001': 'indeterminate', '10002': 'done' };

type When = Pick<Ticket, 'seq' | 'at'>;

/** What the outside accepted, read from the sandbox's file and from nothing else: the oracle. */
export class Ledger {
  readonly tickets = new Map<string, Ticket>();
  readonly posts = new Map<string, Post>();
  readonly comments: Comment[] = [];
  /** The number of the last write. */
  seq = 0;
  private readonly byKey = new Map<string, Ticket>();
  private readonly byLabel = new Map<string, Ticket[]>();
  private readonly byEffect = new Map<string, Post[]>();
  private offset = 0;
  private rest = '';

  constructor(private readonly path: string) {}

  /** Takes in what was appended since the last look. */
  read(): this {
    const file = openSync(this.path, 'r');
    try {
      const buffer = Buffer.alloc(fstatSync(file).size - this.offset);
      const got = readSync(file, buffer, 0, buffer.length, this.offset);
      this.offset += got;
      const lines = (this.rest + buffer.toString('utf8', 0, got)).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.take(JSON.parse(line) as Line);
    } finally {
      closeSync(file);
    }
    return this;
  }

  /** The tickets of a deployment, oldest first. */
  ticketsOf(deploymentId: string): Ticket[] {
    return this.byLabel.get(`dep-${deploymentId}`) ?? [];
  }

  /** The messages of an effect, oldest first. */
  postsOf(effectId: string): Post[] {
    return this.byEffect.get(effectId) ?? [];
  }

  /** The comments of an effect, oldest first. */
  commentsOf(effectId: string): Comment[] {
    return this.comments.filter((comment) => comment.effectId === effectId);
  }

  /** How often the message at `ts` was edited. */
  editsOf(ts: string): number {
    return this.posts.get(ts)?.edits ?? 0;
  }

  private take({ seq, at: iso, type, change }: Line): void {
    this.seq = seq;
    const at = Date.parse(iso);
    const { issue, link, message, comment } = change;
    if (type === 'issue.created' && issue) this.created({ seq, at }, issue);
    if (type === 'comment.added' && comment) this.commented({ seq, at }, change.id ?? '', comment);
    const updated = this.tickets.get(change.id ?? '');
    const { summary, description } = change.fields ?? {};
    if (type === 'issue.updated' && updated) Object.assign(updated, summary && { summary }, description && { description: JSON.stringify(description) });
    if (type === 'issue.transitioned') this.transitioned(change.id ?? '', change.statusId ?? '');
    if (type === 'issue.linked' && link) this.linked(link);
    if (type === 'message.posted' && message) this.posted({ seq, at }, message);
    const edited = this.posts.get(change.ts ?? '');
    if (type === 'message.updated' && edited && change.edit) Object.assign(edited, { text: change.edit.text, blocks: JSON.stringify(change.edit.blocks), edits: edited.edits + 1 });
    if (type === 'message.deleted' && edited) edited.deleted = true;
  }

  private created(when: When, { id, key, fields }: NonNullable<Line['change']['issue']>): void {
    const ticket: Ticket = { ...when, id, key, labels: fields.labels ?? [], summary: fields.summary ?? '', description: JSON.stringify(fields.description ?? null), category: 'new', duplicateOf: null };
    this.tickets.set(id, ticket);
    this.byKey.set(key, ticket);
    for (const label of ticket.labels) this.byLabel.set(label, [...(this.byLabel.get(label) ?? []), ticket]);
  }

  private commented(when: When, issueId: string, { id, body }: NonNullable<Line['change']['comment']>): void {
    this.comments.push({ ...when, id, issueId, effectId: MARK.exec(JSON.stringify(body))?.[1] ?? '' });
  }

  private transitioned(id: string, statusId: string): void {
    const ticket = this.tickets.get(id);
    if (ticket) ticket.category = CATEGORIES[statusId] ?? ticket.category;
  }

  private linked({ type, inward, outward }: NonNullable<Line['change']['link']>): void {
    const ticket = this.byKey.get(inward);
    if (ticket && type === 'Duplicate') ticket.duplicateOf = outward;
  }

  private posted(when: When, { ts, text, blocks, threadTs, metadata }: NonNullable<Line['change']['message']>): void {
    const kind = metadata?.event_type.replace('deptracker_', '') ?? '';
    const effectId = metadata?.event_payload.effect_id ?? '';
    const post: Post = { ...when, ts, kind, effectId, threadTs, text, blocks: JSON.stringify(blocks), edits: 0, deleted: false };
    this.posts.set(ts, post);
    this.byEffect.set(effectId, [...(this.byEffect.get(effectId) ?? []), post]);
  }
}
