import { type Decision, type Link, STATUS_RULES, type TemplatePurpose, TEMPLATE_PURPOSES } from '@deptracker/domain';
import { capital, eventEmoji, eventSentence } from '../event-sentence.js';
import type { Scene } from './scene.js';

/** Null is nothing: nothing is written, and a section is not there. */
export type Value = string | number | boolean | null;

interface Named {
  /** With the groups that it is in, such as `deployment.project`. */
  readonly name: string;
  readonly meaning: string;
  readonly purposes: readonly TemplatePurpose[];
}

export interface Single extends Named {
  readonly kind: 'text' | 'number' | 'flag';
  readonly value: (scene: Scene) => Value;
}

export interface List extends Named {
  readonly kind: 'list';
  /** What each item has, and what that is. */
  readonly members: Readonly<Record<string, string>>;
  readonly items: (scene: Scene) => readonly Readonly<Record<string, Value>>[];
}

/** Values by names that are not ours. */
export interface Open extends Named {
  readonly kind: 'open';
  readonly values: (scene: Scene) => Readonly<Record<string, Value>>;
}

export type Variable = Single | List | Open;

/** A list shows no more items than this. */
export const MOST_ITEMS = 20;

const ALL = TEMPLATE_PURPOSES;
/* What a ticket says has no status: the ticket's own shows that, and each rewrite would cost a request. */
const LIVING: readonly TemplatePurpose[] = ['approval', 'email-subject', 'email-body'];
const NEWS: readonly TemplatePurpose[] = ['notice', 'email-subject', 'email-body'];

const text = (name: string, meaning: string, purposes: readonly TemplatePurpose[], value: (scene: Scene) => string | null): Single =>
  ({ kind: 'text', name, meaning, purposes, value });
const number = (name: string, meaning: string, value: (scene: Scene) => number): Single =>
  ({ kind: 'number', name, meaning, purposes: ALL, value });

type LineField = 'commitSha' | 'ref' | 'source' | 'externalId' | 'retryOf' | 'rollbackOf' | 'promotedFrom';

const field = (name: LineField, meaning: string): Single =>
  text(`deployment.${name}`, meaning, ALL, ({ deployment, pen, room }) => {
    const value = deployment[name];
    return value === null ? null : pen.line(value, room.line);
  });

const moment = (name: 'createdAt' | 'startedAt' | 'finishedAt', meaning: string, purposes: readonly TemplatePurpose[]): Single =>
  text(`deployment.${name}`, meaning, purposes, ({ deployment, pen }) => {
    const at = deployment[name];
    return at === null ? null : pen.time(at);
  });

function links({ deployment, pen, room }: Scene): Record<'title' | 'url' | 'link', Value>[] {
  return deployment.links.slice(0, MOST_ITEMS).map(({ title, url }: Link) => ({
    title: pen.line(title, room.line),
    url: pen.line(url, room.line),
    link: pen.link(url, title, room.line),
  }));
}

function decisions({ deployment, pen, room }: Scene): Record<'verb' | 'actor' | 'reason' | 'at', Value>[] {
  return deployment.approval.decisions.slice(0, MOST_ITEMS).map(({ decision, actor, reason, at }: Decision) => ({
    verb: decision === 'approve' ? 'approved' : 'rejected',
    actor: pen.person(actor, room.person),
    reason: reason === null ? null : pen.prose(reason.replace(/\s+/gu, ' '), room.words),
    at: pen.time(at),
  }));
}

function metadata({ deployment, pen, room }: Scene): Record<string, Value> {
  const values = Object.entries(deployment.metadata).map(([key, value]): [string, Value] => {
    if (value === null || value === undefined || value === '') return [key, null];
    return [key, pen.line(typeof value === 'string' ? value : JSON.stringify(value), room.line)];
  });
  // Without a prototype: a key may be called anything.
  return Object.assign(Object.create(null) as Record<string, Value>, Object.fromEntries(values));
}

const approvals = ({ deployment }: Scene): number =>
  deployment.approval.decisions.filter(({ decision }) => decision === 'approve').length;

function sentence({ deployment, event, pen, room }: Scene): string {
  if (event === null) return '';
  return eventSentence(deployment, event, {
    person: (actor) => pen.person(actor, room.person),
    words: (said) => pen.prose(said.replace(/\s+/gu, ' '), room.words),
  });
}

/** What was said with the decision that an event tells of. */
function reason({ deployment, event, pen, room }: Scene): string | null {
  const closes = event?.type === 'deployment.approved' || event?.type === 'deployment.rejected';
  const said = event?.data.decision?.reason ?? (closes ? (deployment.approval.decisions.at(-1)?.reason ?? null) : null);
  return said === null ? null : pen.prose(said.replace(/\s+/gu, ' '), room.words);
}

/** Every variable of every purpose: checking, rendering, documentation and the API go by this table. */
const VARIABLES: readonly Variable[] = [
  text('deployment.id', 'The deployment\'s id.', ALL, ({ deployment }) => deployment.id),
  text('deployment.project', 'What is deployed.', ALL, ({ deployment, pen, room }) => pen.line(deployment.project, room.project)),
  text('deployment.environment', 'Where it goes.', ALL, ({ deployment, pen, room }) => pen.line(deployment.environment, room.environment)),
  text('deployment.version', 'Which version.', ALL, ({ deployment, pen, room }) => pen.line(deployment.version, room.version)),
  field('commitSha', 'The commit.'),
  text('deployment.shortCommit', 'The first seven digits of the commit.', ALL, ({ deployment, pen }) =>
    deployment.commitSha === null ? null : pen.line(deployment.commitSha.slice(0, 7), 40)),
  field('ref', 'The branch or tag.'),
  text('deployment.description', 'What the requester says of it; it may have several lines.', ALL, ({ deployment, pen, room }) =>
    pen.prose(deployment.description ?? '', room.prose)),
  text('deployment.requestedBy', 'Who asks; absent where nobody was named.', ALL, ({ deployment, pen, room }) =>
    deployment.requestedBy === null ? null : pen.person(deployment.requestedBy, room.person)),
  field('source', 'The system that posted it.'),
  field('externalId', 'Its id there.'),
  field('retryOf', 'The id of the deployment that it repeats.'),
  field('rollbackOf', 'The id of the deployment that it goes back from.'),
  field('promotedFrom', 'The id of the deployment whose version it brings here.'),
  moment('createdAt', 'When it was posted.', ALL),
  moment('startedAt', 'When its rollout began.', LIVING),
  moment('finishedAt', 'When its rollout ended.', LIVING),
  text('deployment.status', 'Its status, such as `in_progress`.', LIVING, ({ deployment }) => deployment.status),
  text('deployment.statusLabel', 'Its status in words.', LIVING, ({ deployment }) => STATUS_RULES[deployment.status].label),
  text('deployment.emoji', 'The emoji of its status.', ['approval'], ({ deployment }) => STATUS_RULES[deployment.status].emoji),
  {
    kind: 'list', name: 'deployment.links', meaning: 'Its links.', purposes: ALL, items: links,
    members: { title: 'What it leads to.', url: 'The address.', link: 'Both: in Slack as a link.' },
  },
  {
    kind: 'open', name: 'deployment.metadata', purposes: ALL, values: metadata,
    meaning: 'A member of its metadata by its name (letters, digits, `_` and `-`), such as `deployment.metadata.team`; absent where there is none.',
  },
  text('approval.status', 'How the request for permission stands, such as `pending`.', ALL, ({ deployment }) => deployment.approval.status),
  number('approval.required', 'How many people must approve; 0 where nobody needs to be asked.', ({ deployment }) => deployment.approval.required),
  number('approval.count', 'How many have approved.', approvals),
  number('approval.missing', 'How many approvals are missing.', (scene) =>
    Math.max(0, scene.deployment.approval.required - approvals(scene))),
  text('approval.expires', 'When the time to decide ends.', ALL, ({ deployment: { approval }, pen }) =>
    approval.expiresAt === null ? null : pen.time(approval.expiresAt)),
  {
    kind: 'list', name: 'approval.decisions', meaning: 'Who has decided.', purposes: ALL, items: decisions,
    members: { verb: '`approved` or `rejected`.', actor: 'Who.', reason: 'Why, where that was said.', at: 'When.' },
  },
  text('ticket.key', 'The ticket\'s key; the whole `ticket` is absent while there is none.', LIVING, ({ ticket, pen }) =>
    ticket === null ? null : pen.line(ticket.key, 100)),
  text('ticket.url', 'Its address.', LIVING, ({ ticket, pen, room }) => (ticket === null ? null : pen.line(ticket.url, room.line))),
  text('ticket.link', 'Both: in Slack as a link.', LIVING, ({ ticket, pen, room }) =>
    ticket === null ? null : pen.link(ticket.url, ticket.key, room.line)),
  text('event.type', 'What happened, such as `deployment.succeeded`.', NEWS, ({ event }) => event?.type ?? null),
  text('event.sentence', 'The same in words, with who and why.', NEWS, sentence),
  text('event.capitalized', 'The same with a capital first letter.', NEWS, (scene) => capital(sentence(scene))),
  text('event.emoji', 'The emoji of what happened.', ['notice'], ({ event }) => (event === null ? null : eventEmoji(event.type))),
  text('event.actor', 'Who did it; absent for limits of time and where nobody was named.', NEWS, ({ event, pen, room }) => {
    const actor = event?.actor ?? null;
    return actor === null ? null : pen.person(actor, room.person);
  }),
  text('event.reason', 'What was said with the decision.', NEWS, reason),
  text('event.at', 'When it happened.', NEWS, ({ event, pen }) => (event === null ? null : pen.time(event.at))),
  {
    kind: 'flag', name: 'thread', purposes: ['notice'], value: ({ thread }) => thread,
    meaning: 'Whether the line is a reply in the thread of the approval message, which says what it is about.',
  },
];

const BY_PURPOSE = new Map(TEMPLATE_PURPOSES.map((purpose) => [purpose, VARIABLES.filter(({ purposes }) => purposes.includes(purpose))]));

/** The variables that a template of this purpose may use. */
export function variablesOf(purpose: TemplatePurpose): readonly Variable[] {
  return BY_PURPOSE.get(purpose) ?? [];
}
