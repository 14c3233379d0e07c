import { STATUS_RULES, type Status } from '@deptracker/domain';
import type { History } from '../history.js';
import { rowsOf } from './rows-of.js';
import type { DeploymentRow, EventRow, Stored } from './stored.js';

const CLOSURES = new Set(['deployment.approved', 'deployment.rejected', 'deployment.expired', 'deployment.cancelled']);

/** The events of a deployment are a legal life, without a gap, that ends where the row stands. */
export function checkEvents({ deployments, events, decisions }: Stored): string[] {
  const problems: string[] = [];
  for (const { id, revision, status } of deployments) {
    const mine = rowsOf(events, 'deployment_id', id);
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
    const counted = rowsOf(decisions, 'deployment_id', id).length;
    if (decided !== counted) problems.push(`${id}: ${counted} decisions, ${decided} events with one`);
  }
  return problems;
}

/** Each decision has one event of the person who decided; what nobody signed is nobody's; nothing is counted after the end. */
function checkActors(row: DeploymentRow, mine: readonly EventRow[], decisions: Stored['decisions']): string[] {
  const problems: string[] = [];
  const closed = mine.find(({ type, data }) => CLOSURES.has(type) && data.from === 'pending')?.revision ?? Infinity;
  for (const [index, { revision, type, actor, data }] of mine.entries()) {
    // Whose decision closes it has closed it; a pipeline gives no name here.
    const closing = type === 'deployment.approved' || type === 'deployment.rejected';
    const signed = closing ? mine[index - 1]?.data.decision?.actor : (data.decision?.actor ?? (type === 'deployment.created' ? row.requested_by : null));
    if (actor !== signed) problems.push(`${row.id}: event ${revision} (${type}) is said to be by ${String(actor)}, not by ${String(signed)}`);
    if (data.decision !== undefined && revision > closed) problems.push(`${row.id}: ${data.decision.actor} was counted after the end`);
  }
  for (const { actor, decision } of decisions) {
    const told = mine.filter(({ data }) => data.decision?.actor === actor && data.decision.decision === decision);
    if (told.length !== 1) problems.push(`${row.id}: ${told.length} events tell that ${actor} said ${decision}`);
  }
  return problems;
}

/** A quorum of approvals and no rejection, or one rejection. */
function checkOutcome(row: DeploymentRow, decisions: Stored['decisions']): string[] {
  const approvals = decisions.filter(({ decision }) => decision === 'approve').length;
  const rejections = decisions.length - approvals;
  const wanted = { approved: [row.approvals_required, 0], rejected: [approvals, 1] }[row.approval_status] ?? [approvals, 0];
  if (approvals === wanted[0] && rejections === wanted[1]) return [];
  return [`${row.id}: ${row.approval_status} with ${approvals} of ${row.approvals_required} approvals and ${rejections} rejections`];
}

/** Only eligible people who pressed were counted, and no acknowledged press is lost. */
export function checkDecisions(history: History, { deployments, decisions, events }: Stored): string[] {
  const problems: string[] = [];
  for (const row of deployments) {
    const pressed = history.presses.filter(({ deploymentId }) => deploymentId === row.id);
    const counted = rowsOf(decisions, 'deployment_id', row.id);
    const eligible = (email: string): boolean => email !== row.requested_by && (row.eligible?.includes(email) ?? true);
    for (const { actor, decision } of counted) {
      if (!eligible(actor)) problems.push(`${row.id}: ${actor} may not decide and was counted`);
      if (!pressed.some((one) => one.email === actor && one.decision === decision)) problems.push(`${row.id}: ${actor} never pressed ${decision}`);
    }
    const mine = rowsOf(events, 'deployment_id', row.id);
    problems.push(...checkActors(row, mine, counted), ...checkOutcome(row, counted));
    if (new Set(counted.map(({ actor }) => actor)).size < counted.length) problems.push(`${row.id}: somebody was counted twice`);
    // Who was acknowledged while it could still be decided is counted, however it ended later.
    const closedAt = mine.find(({ type, data }) => CLOSURES.has(type) && data.from === 'pending')?.at.getTime() ?? Infinity;
    const until = Math.min(closedAt, row.approval_expires_at?.getTime() ?? Infinity);
    for (const { email, decision, acknowledged, acknowledgedAt = Infinity, answer } of pressed) {
      // Every fault is over before callers give up: somebody has to have said something.
      if (!acknowledged) problems.push(`${row.id}: ${email} pressed ${decision} and was never answered, or in the end with ${String(answer)}`);
      const open = row.approval_status === 'pending' || acknowledgedAt < until;
      if (acknowledged && eligible(email) && open && !counted.some(({ actor }) => actor === email)) problems.push(`LOST: the press of ${email} on ${row.id} was acknowledged and is not counted`);
    }
  }
  return problems;
}

