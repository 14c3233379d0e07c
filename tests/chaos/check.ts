import { EFFECT_KINDS, STATUS_RULES, type Status } from '@deptracker/domain';
import type pg from 'pg';
import type { History } from './history.js';
import type { Ledger } from './ledger.js';

/** Requests that create which the product may send for one effect: the first, and one more after a quiet schedule. */
const MAX_SENDS = 2;

export interface DeploymentRow {
  readonly id: string;
  readonly revision: number;
  readonly project: string;
  readonly environment: string;
  readonly version: string;
  readonly description: string | null;
  readonly requested_by: string | null;
  readonly source: string | null;
  readonly external_id: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: Status;
  readonly approval_status: string;
  readonly approvals_required: number;
  readonly eligible: readonly string[] | null;
}

export interface EffectRow {
  readonly id: string;
  readonly kind: keyof typeof EFFECT_KINDS;
  readonly deployment_id: string | null;
  readonly event_revision: number;
  readonly parent_id: string | null;
  readonly phase: string;
  readonly sends: number;
  readonly desired_revision: number;
  readonly applied_revision: number;
  readonly next_attempt_at: Date | null;
  readonly last_error: string | null;
  readonly external_id: string | null;
  readonly extra_ids: readonly string[];
}

interface EventRow {
  readonly deployment_id: string;
  readonly revision: number;
  readonly type: string;
  readonly data: { readonly from?: Status; readonly to?: Status };
}

interface DecisionRow {
  readonly deployment_id: string;
  readonly actor: string;
  readonly decision: 'approve' | 'reject';
}

/** What the product has stored of one project. */
export interface Stored {
  readonly deployments: readonly DeploymentRow[];
  readonly effects: readonly EffectRow[];
  readonly events: readonly EventRow[];
  readonly decisions: readonly DecisionRow[];
}

/** Reads all of a project in one snapshot. */
export async function readStored(pool: pg.Pool, project: string): Promise<Stored> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const deployments = await client.query<DeploymentRow>('SELECT * FROM deployments WHERE project = $1 ORDER BY id', [project]);
    const mine = 'deployment_id IN (SELECT id FROM deployments WHERE project = $1)';
    const effects = await client.query<EffectRow>(
      `SELECT * FROM effects WHERE ${mine} OR id IN (SELECT parent_id FROM effects WHERE kind = 'slack.notice' AND ${mine}) ORDER BY deployment_id, event_revision`,
      [project],
    );
    const events = await client.query<EventRow>(`SELECT * FROM events WHERE ${mine} ORDER BY deployment_id, revision`, [project]);
    const decisions = await client.query<DecisionRow>(`SELECT * FROM decisions WHERE ${mine}`, [project]);
    await client.query('COMMIT');
    return { deployments: deployments.rows, effects: effects.rows, events: events.rows, decisions: decisions.rows };
  } finally {
    client.release();
  }
}

/** Nothing is to be done any more for this row. */
export function isSettled({ kind, phase, parent_id, desired_revision, applied_revision, next_attempt_at, extra_ids }: EffectRow): boolean {
  if (phase === 'dead' || phase === 'held') return true;
  if (kind === 'slack.notice') return phase === 'sent' && parent_id !== null;
  return phase === 'sent' && applied_revision >= desired_revision && extra_ids.length === 0 && next_attempt_at === null;
}

/** Every answer that was a promise is kept: the row is there, with the body, once. */
function checkOrders(history: History, { deployments }: Stored): string[] {
  const byId = new Map(deployments.map((row) => [row.id, row]));
  const problems: string[] = [];
  for (const { name, body, ids, keyed, tries } of history.orders) {
    if (ids.size > 1) problems.push(`order ${name} was answered with ${ids.size} ids: ${[...ids].join(', ')}`);
    if (ids.size === 0 && keyed) problems.push(`order ${name} was never answered, in ${tries} tries`);
    const stored = deployments.filter(({ version }) => version === body['version']);
    if (stored.length > (keyed ? 1 : tries)) problems.push(`order ${name} is stored ${stored.length} times`);
    for (const id of ids) {
      const row = byId.get(id);
      if (row === undefined) {
        problems.push(`LOST: order ${name} was answered with ${id}, which is not stored`);
        continue;
      }
      const shown = {
        project: row.project,
        environment: row.environment,
        version: row.version,
        description: row.description,
        metadata: row.metadata,
        requestedBy: row.requested_by,
        ...(row.source === null ? {} : { source: row.source, externalId: row.external_id }),
      };
      if (canonical(shown) !== canonical(body)) problems.push(`order ${name} is stored as ${JSON.stringify(shown)}`);
    }
  }
  return problems;
}

const canonical = (value: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));

const CLOSURES = new Set(['deployment.approved', 'deployment.rejected', 'deployment.expired', 'deployment.cancelled']);

/** The events of a deployment are a legal life, without a gap, that ends where the row stands. */
function checkEvents({ deployments, events, decisions }: Stored): string[] {
  const problems: string[] = [];
  for (const { id, revision, status } of deployments) {
    const mine = events.filter((event) => event.deployment_id === id);
    const [first, ...later] = mine;
    if (first?.type !== 'deployment.created') problems.push(`${id}: its first event is ${String(first?.type)}`);
    let at: Status = first?.data.to ?? 'pending';
    later.forEach((event, index) => {
      if (event.revision !== index + 2) problems.push(`${id}: event ${index + 2} has revision ${event.revision}`);
      const { from, to } = event.data;
      if (to === undefined) return;
      if (from !== at || !STATUS_RULES[at].next.includes(to)) problems.push(`${id}: ${String(from)} → ${to} follows ${at}`);
      at = to;
    });
    if (at !== status) problems.push(`${id}: its events end at ${at}, its row says ${status}`);
    if (mine.length !== revision) problems.push(`${id}: ${mine.length} events, revision ${revision}`);
    const closures = mine.filter(({ type, data }) => CLOSURES.has(type) && data.from === 'pending');
    if (closures.length > 1) problems.push(`${id}: closed ${closures.length} times`);
    const decided = mine.filter(({ data }) => 'decision' in data).length;
    const counted = decisions.filter((one) => one.deployment_id === id).length;
    if (decided !== counted) problems.push(`${id}: ${counted} decisions, ${decided} events with one`);
  }
  return problems;
}

/** Only eligible people who pressed were counted, and no acknowledged press is lost. */
function checkDecisions(history: History, { deployments, decisions }: Stored): string[] {
  const problems: string[] = [];
  for (const row of deployments) {
    const pressed = history.presses.filter(({ deploymentId }) => deploymentId === row.id);
    const counted = decisions.filter((one) => one.deployment_id === row.id);
    const eligible = (email: string): boolean => email !== row.requested_by && (row.eligible?.includes(email) ?? true);
    for (const { actor, decision } of counted) {
      if (!eligible(actor)) problems.push(`${row.id}: ${actor} may not decide and was counted`);
      if (!pressed.some((one) => one.email === actor && one.decision === decision)) problems.push(`${row.id}: ${actor} never pressed ${decision}`);
    }
    const approvals = counted.filter(({ decision }) => decision === 'approve').length;
    if (row.approval_status === 'approved' && approvals !== row.approvals_required) {
      problems.push(`${row.id}: approved with ${approvals} of ${row.approvals_required}`);
    }
    for (const { email, acknowledged } of pressed) {
      const lost = acknowledged && eligible(email) && row.approval_status === 'pending' && !counted.some(({ actor }) => actor === email);
      if (lost) problems.push(`LOST: the press of ${email} on ${row.id} was acknowledged and is not counted`);
    }
  }
  return problems;
}

/** A status that was answered 200 is in the deployment's past. */
function checkUpdates(history: History, { events }: Stored): string[] {
  return history.updates.flatMap(({ deploymentId, status, answer }) => {
    if (answer === null) return [`${deploymentId}: nobody answered to the status ${status}`];
    const there = events.some((event) => event.deployment_id === deploymentId && event.data.to === status);
    return answer === 200 && !there ? [`LOST: ${deploymentId} was told that it is ${status} and never was`] : [];
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface Found {
  readonly problems: string[];
  duplicates: number;
}

/** One ticket per deployment, which shows where it stands. */
function checkTickets(stored: Stored, ledger: Ledger): Found {
  const found: Found = { problems: [], duplicates: 0 };
  for (const { id, status } of stored.deployments) {
    const effect = stored.effects.find((one) => one.deployment_id === id && one.kind === 'jira.ticket');
    const all = ledger.ticketsOf(id);
    const live = all.filter(({ duplicateOf }) => duplicateOf === null);
    if (effect === undefined) {
      found.problems.push(`${id}: owes no ticket`);
      continue;
    }
    if (all.length > Math.min(effect.sends, MAX_SENDS)) found.problems.push(`DUPLICATE: ${id} has ${all.length} tickets after ${effect.sends} requests`);
    if (live.length > 1) found.problems.push(`DUPLICATE: ${id} has ${live.length} live tickets: ${live.map(({ key }) => key).join(', ')}`);
    found.duplicates += all.length - live.length;
    if (all.some(({ duplicateOf, category }) => duplicateOf !== null && category !== 'done')) found.problems.push(`${id}: a duplicate ticket is not closed`);
    if (effect.phase !== 'sent') continue;
    if (live.length === 0) found.problems.push(`LOST: ${id} has no ticket`);
    const wanted = STATUS_RULES[status].ticket;
    if (live[0] !== undefined && live[0].category !== wanted) found.problems.push(`${id} is ${status}, its ticket ${live[0].category}`);
  }
  return found;
}

/** One message per effect of Slack, which shows where its deployment stands; replies in the order of their events. */
function checkMessages(stored: Stored, ledger: Ledger): Found {
  const found: Found = { problems: [], duplicates: 0 };
  const status = new Map(stored.deployments.map((row) => [row.id, row.status]));
  for (const effect of stored.effects) {
    if (EFFECT_KINDS[effect.kind] !== 'slack' || effect.kind === 'slack.notice') continue;
    const what = `${effect.kind} ${effect.id} of ${String(effect.deployment_id)}`;
    const all = ledger.postsOf(effect.id);
    const live = all.filter(({ deleted }) => !deleted);
    if (all.length > Math.min(effect.sends, MAX_SENDS)) found.problems.push(`DUPLICATE: ${what} was posted ${all.length} times after ${effect.sends} requests`);
    if (live.length > 1) found.problems.push(`DUPLICATE: ${what} has ${live.length} messages`);
    found.duplicates += all.length - live.length;
    if (effect.phase !== 'sent') continue;
    if (live[0] === undefined) found.problems.push(`LOST: ${what} has no message`);
    const is = status.get(effect.deployment_id ?? '');
    if (effect.kind !== 'slack.approval' || is === undefined || live[0] === undefined) continue;
    if (!live[0].text.includes(capital(STATUS_RULES[is].label))) found.problems.push(`${what} is ${is}, its message says: ${live[0].text}`);
  }
  return found;
}

function checkReplies(stored: Stored, ledger: Ledger): string[] {
  return stored.deployments.flatMap(({ id }) => {
    const replies = stored.effects.filter((one) => one.deployment_id === id && one.kind === 'slack.reply');
    const seqs = replies.map((reply) => ledger.postsOf(reply.id).find(({ deleted }) => !deleted)?.seq ?? 0).filter((seq) => seq > 0);
    return seqs.every((seq, index) => seq > (seqs[index - 1] ?? 0)) ? [] : [`${id}: its replies are out of order`];
  });
}

function checkEffects({ effects }: Stored): string[] {
  return effects.flatMap((effect) => {
    const { id, kind, phase, last_error } = effect;
    if (!isSettled(effect)) return [`not settled: ${kind} ${id} is ${phase}: ${String(last_error)} ${JSON.stringify(effect)}`];
    return phase !== 'sent' && last_error === null ? [`${kind} ${id} is ${phase} without a reason`] : [];
  });
}

/** Nothing stands outside that nobody owes. */
async function checkOrphans(pool: pg.Pool, ledger: Ledger, since: number): Promise<string[]> {
  const labels = [...ledger.tickets.values()].filter(({ seq }) => seq > since).flatMap((ticket) => ticket.labels.map((label) => label.replace('dep-', '')));
  const marks = [...ledger.posts.values()].filter(({ seq }) => seq > since).map(({ effectId }) => effectId);
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM unnest($1::uuid[]) AS id WHERE id NOT IN (SELECT id FROM deployments)
     UNION ALL SELECT id FROM unnest($2::uuid[]) AS id WHERE id NOT IN (SELECT id FROM effects)`,
    [labels, marks],
  );
  return rows.map(({ id }) => `${id} stands outside and nobody owes it`);
}

export interface Verdict {
  readonly problems: readonly string[];
  /** Tickets and messages that were made twice and closed. */
  readonly duplicates: number;
  readonly stored: Stored;
}

/** Compares what was promised, what is stored and what stands outside. */
export async function check(pool: pg.Pool, ledger: Ledger, history: History, project: string, since: number): Promise<Verdict> {
  const stored = await readStored(pool, project);
  ledger.read();
  const tickets = checkTickets(stored, ledger);
  const messages = checkMessages(stored, ledger);
  const problems = [
    ...history.faults,
    ...checkOrders(history, stored),
    ...checkEvents(stored),
    ...checkDecisions(history, stored),
    ...checkUpdates(history, stored),
    ...checkEffects(stored),
    ...tickets.problems,
    ...messages.problems,
    ...checkReplies(stored, ledger),
    ...(await checkOrphans(pool, ledger, since)),
  ];
  return { problems, duplicates: tickets.duplicates + messages.duplicates, stored };
}

