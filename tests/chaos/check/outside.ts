import { EFFECT_KINDS, STATUS_RULES } from '@deptracker/domain';
import type pg from 'pg';
import type { Ledger, Post } from '../ledger.js';
import { MAX_SENDS, sentAgainWrongly, stepsOf } from './given-up.js';
import { rowsOf } from './rows-of.js';
import type { DeploymentRow, EffectRow, Stored } from './stored.js';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface Found {
  readonly problems: string[];
  duplicates: number;
}

/** Never more than were asked for, and a second one only where the first could not be seen when it was looked for. */
function checkNumber(what: string, { id, sends }: EffectRow, all: readonly { readonly at: number }[], stored: Stored): string[] {
  if (all.length > Math.min(sends, MAX_SENDS)) return [`DUPLICATE: ${what} was made ${all.length} times after ${sends} requests`];
  return sentAgainWrongly(all, stepsOf(stored, id)) ? [`DUPLICATE: ${what} was made again although it stood when it was looked for`] : [];
}

/** What a ticket says of the approval. A decision that closes nothing is told with the next event that changes the ticket. */
function wordsOf({ id, approval_status: approval, approvals_required: required }: DeploymentRow, { decisions }: Stored): string[] {
  if (approval === 'not_required') return ['No approval was required.'];
  if (approval === 'pending') return ['Pending: '];
  const mine = rowsOf(decisions, 'deployment_id', id);
  const count = mine.filter(({ decision }) => decision === 'approve').length;
  return [`${capital(approval)}: ${count} of ${required} required`, ...mine.map(({ actor }) => actor)];
}

/** One ticket per deployment, which shows where it stands. */
export function checkTickets(stored: Stored, ledger: Ledger): Found {
  const found: Found = { problems: [], duplicates: 0 };
  for (const row of stored.deployments) {
    const { id, status, version } = row;
    const effect = rowsOf(stored.effects, 'deployment_id', id).find(({ kind }) => kind === 'jira.ticket');
    const all = ledger.ticketsOf(id);
    const live = all.filter(({ duplicateOf }) => duplicateOf === null);
    if (effect === undefined) {
      found.problems.push(`${id}: owes no ticket`);
      continue;
    }
    found.problems.push(...checkNumber(`the ticket of ${id}`, effect, all, stored));
    if (live.length > 1) found.problems.push(`DUPLICATE: ${id} has ${live.length} live tickets: ${live.map(({ key }) => key).join(', ')}`);
    found.duplicates += all.length - live.length;
    if (all.some(({ duplicateOf, category }) => duplicateOf !== null && category !== 'done')) found.problems.push(`${id}: a duplicate ticket is not closed`);
    if (effect.phase !== 'sent') continue;
    if (live.length === 0) found.problems.push(`LOST: ${id} has no ticket`);
    const wanted = STATUS_RULES[status].ticket;
    const [ticket] = live;
    if (ticket === undefined) continue;
    if (ticket.category !== wanted) found.problems.push(`${id} is ${status}, its ticket ${ticket.category}`);
    for (const words of wordsOf(row, stored)) if (!ticket.description.includes(words)) found.problems.push(`${id}: its ticket does not say: ${words}`);
    if (!ticket.summary.includes(version)) found.problems.push(`${id} is version ${version}, its ticket is about: ${ticket.summary}`);
    const [known] = rowsOf(stored.tickets, 'deployment_id', id);
    if (known?.issue_id !== ticket.id || known.key !== ticket.key) found.problems.push(`${id} has ticket ${ticket.key}, and is believed to have ${String(known?.key)}`);
    if ((known?.status_category ?? ticket.category) !== ticket.category) found.problems.push(`${ticket.key} is ${ticket.category}, and is believed to be ${String(known?.status_category)}`);
  }
  return found;
}

/** The face of a deployment: where it stands, who has decided, and buttons of its own while it can be decided. */
function checkFace(what: string, { id, status, approval_status: approval, approvals_required: required }: DeploymentRow, { text, blocks }: Post, { decisions }: Stored): string[] {
  const problems = text.includes(capital(STATUS_RULES[status].label)) ? [] : [`${what} is ${status}, its message says: ${text}`];
  const buttons = blocks.split(`"value":"${id}"`).length - 1;
  if (blocks.split('"type":"button"').length - 1 !== buttons) problems.push(`${what} has buttons of another deployment`);
  if (buttons !== (approval === 'pending' ? 2 : 0)) problems.push(`${what} is ${approval} and has ${buttons} buttons`);
  const mine = rowsOf(decisions, 'deployment_id', id);
  const count = `*${mine.filter(({ decision }) => decision === 'approve').length} of ${required}`;
  if (!blocks.includes(count)) problems.push(`${what}: its message does not say ${count}`);
  for (const { actor } of mine) if (!blocks.includes(actor)) problems.push(`${what}: its message does not name ${actor}`);
  return problems;
}

/** One message per effect of Slack; that of an approval shows where its deployment stands. */
export function checkMessages(stored: Stored, ledger: Ledger): Found {
  const found: Found = { problems: [], duplicates: 0 };
  const deployments = new Map(stored.deployments.map((row) => [row.id, row]));
  for (const effect of stored.effects) {
    if (EFFECT_KINDS[effect.kind] !== 'slack' || effect.kind === 'slack.notice') continue;
    const what = `${effect.kind} ${effect.id} of ${String(effect.deployment_id)}`;
    const all = ledger.postsOf(effect.id);
    const live = all.filter(({ deleted }) => !deleted);
    found.problems.push(...checkNumber(what, effect, all, stored));
    if (live.length > 1) found.problems.push(`DUPLICATE: ${what} has ${live.length} messages`);
    found.duplicates += all.length - live.length;
    if (effect.phase !== 'sent') continue;
    const [post] = live;
    if (post === undefined) {
      found.problems.push(`LOST: ${what} has no message`);
      continue;
    }
    const known = rowsOf(stored.messages, 'effect_id', effect.id)[0]?.ts;
    if (known !== post.ts) found.problems.push(`${what} stands at ${post.ts}, and is believed to stand at ${String(known)}`);
    const row = deployments.get(effect.deployment_id ?? '');
    const ticket = rowsOf(stored.tickets, 'deployment_id', effect.deployment_id ?? '')[0]?.key;
    if (effect.kind === 'slack.approval' && ticket !== undefined && !post.blocks.includes(ticket)) found.problems.push(`${what}: its message does not name the ticket ${ticket}`);
    if (effect.kind === 'slack.approval' && row !== undefined) found.problems.push(...checkFace(what, row, post, stored));
  }
  return found;
}

/** One comment per event that the ticket tells of, on the ticket; what nobody can close is never there twice. */
export function checkComments({ effects, tickets }: Stored, ledger: Ledger): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'jira.comment') return [];
    const what = `the comment ${effect.id} on ${String(effect.deployment_id)}`;
    const all = ledger.commentsOf(effect.id);
    if (all.length > 1) return [`DUPLICATE: ${what} stands ${all.length} times after ${effect.sends} requests`];
    const [comment] = all;
    if (effect.phase !== 'sent') return [];
    if (comment === undefined) return [`LOST: ${what} does not stand`];
    const ticket = rowsOf(tickets, 'deployment_id', effect.deployment_id ?? '')[0]?.issue_id;
    return [
      ...(comment.issueId === ticket ? [] : [`${what} stands on ${comment.issueId}, its ticket is ${String(ticket)}`]),
      ...(comment.id === effect.external_id ? [] : [`${what} is ${comment.id}, and is believed to be ${String(effect.external_id)}`]),
    ];
  });
}

/** Replies stand in the thread of their message, in the order of their events. */
export function checkReplies(stored: Stored, ledger: Ledger): string[] {
  const liveOf = (id: string): Post | undefined => ledger.postsOf(id).find(({ deleted }) => !deleted);
  return stored.deployments.flatMap(({ id }) => {
    const mine = rowsOf(stored.effects, 'deployment_id', id);
    const replies = mine.filter(({ kind }) => kind === 'slack.reply');
    const posts = replies.flatMap((reply) => liveOf(reply.id) ?? []);
    const asked = mine.find(({ kind }) => kind === 'slack.approval');
    const thread = asked === undefined ? undefined : liveOf(asked.id)?.ts;
    const strays = posts.filter(({ threadTs }) => threadTs !== thread).map(({ ts }) => `${id}: the reply ${ts} does not stand in its thread`);
    const inOrder = posts.every(({ seq }, index) => seq > (posts[index - 1]?.seq ?? 0));
    return inOrder ? strays : [...strays, `${id}: its replies are out of order`];
  });
}

/** Every notice that is said to be sent is one line of one digest. */
export function checkDigests(stored: Stored, ledger: Ledger): string[] {
  const digests = [...ledger.posts.values()].filter(({ kind, deleted }) => kind === 'digest' && !deleted);
  // Of its sections: the text beside them, for notifications, is cut off where it is long.
  const sections = digests.flatMap(({ blocks }) => JSON.parse(blocks) as readonly { readonly text?: { readonly text: string } }[]);
  const lines = sections.flatMap(({ text }) => text?.text.split('\n') ?? []);
  return stored.deployments.flatMap(({ id, project, version, environment }) => {
    const sent = rowsOf(stored.effects, 'deployment_id', id).filter(({ kind, phase }) => kind === 'slack.notice' && phase === 'sent').length;
    const told = lines.filter((line) => line.includes(`*${project}* ${version} → ${environment}`)).length;
    return told === sent ? [] : [`${id}: ${sent} notices are sent, ${told} lines tell of it`];
  });
}

/** Nothing stands outside that nobody owes. */
export async function checkOrphans(pool: pg.Pool, ledger: Ledger, since: number): Promise<string[]> {
  const tickets = [...ledger.tickets.values()].filter(({ seq }) => seq > since);
  const strays = tickets.filter(({ labels }) => labels.length !== 1).map(({ key }) => `${key} has no label, or more than one`);
  const labels = tickets.flatMap((ticket) => ticket.labels.map((label) => label.replace('dep-', '')));
  const comments = ledger.comments.filter(({ seq }) => seq > since);
  const unmarked = [...ledger.posts.values()].filter(({ seq, effectId }) => seq > since && effectId === '');
  strays.push(...unmarked.map(({ ts }) => `the message at ${ts} has no mark`));
  strays.push(...comments.filter(({ effectId }) => effectId === '').map(({ id, issueId }) => `the comment ${id} on ${issueId} has no mark`));
  const marks = [...ledger.posts.values(), ...comments].filter(({ seq, effectId }) => seq > since && effectId !== '').map(({ effectId }) => effectId);
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM unnest($1::uuid[]) AS id WHERE id NOT IN (SELECT id FROM deployments)
     UNION ALL SELECT id FROM unnest($2::uuid[]) AS id WHERE id NOT IN (SELECT id FROM effects)`,
    [labels, marks],
  );
  return [...strays, ...rows.map(({ id }) => `${id} stands outside and nobody owes it`)];
}

