import type { UnitOfWork } from './database.js';
import { type SeenIssue, mirrorDeletion, mirrorIssue } from './mirror-issue.js';
import { saveTicket } from './outside.js';
import { learnExternalId } from './record-effect.js';
import { showTicketInMessage } from './related-effects.js';

interface Labelled {
  readonly id: string;
  readonly deploymentId: string | null;
  readonly phase: string;
  readonly sends: number;
  readonly externalId: string | null;
  /** The issue is one that was dealt with before. */
  readonly other: boolean;
}

/** The effects whose label an issue carries, locked: a deployment's ticket has the deployment's id, any other its own. */
async function lockLabelled(uow: UnitOfWork, ids: readonly string[], issueId: string): Promise<readonly Labelled[]> {
  return uow.query<Labelled & Record<string, unknown>>(
    `SELECT e.id, e.deployment_id AS "deploymentId", e.phase, e.sends, e.external_id AS "externalId",
       EXISTS (SELECT 1 FROM jira_tickets t WHERE t.effect_id = e.id AND $2 = ANY (t.other_ids)) AS other
     FROM effects e
     WHERE e.id IN (
       SELECT f.id FROM effects f WHERE f.deployment_id = ANY ($1::uuid[]) AND f.kind = 'jira.ticket'
       UNION ALL SELECT f.id FROM effects f WHERE f.id = ANY ($1::uuid[]) AND f.kind = 'jira.issue')
     ORDER BY e.id FOR UPDATE OF e`,
    [ids, issueId],
  );
}

/** It is no ticket of ours: once it is dealt with, what people do with it is their affair. */
async function setAside(uow: UnitOfWork, effectId: string, issueId: string): Promise<void> {
  await uow.query('UPDATE jira_tickets SET other_ids = other_ids || $2::text WHERE effect_id = $1', [effectId, issueId]);
}

export interface LabelledIssue {
  readonly issue: SeenIssue;
  /** The ids in its labels. */
  readonly ids: readonly string[];
  readonly deleted: boolean;
}

/**
 * An issue that we do not know carries our label: where we did not know of a ticket, this is it, as if a look-up had found
 * it; where we have another one, it is a duplicate to close. `null` where it says nothing about us.
 */
export async function adoptIssue(uow: UnitOfWork, { issue, ids, deleted }: LabelledIssue): Promise<'adopted' | 'duplicate' | null> {
  const { issueId, key, url } = issue;
  let outcome: 'adopted' | 'duplicate' | null = null;
  for (const effect of await lockLabelled(uow, ids, issueId)) {
    const stranger = effect.externalId !== null && effect.externalId !== issueId;
    // What is closed or gone needs no closing; and what we never sent was not ours to be deleted.
    const done = deleted || issue.status?.category === 'done';
    if (effect.other || (stranger && done) || (deleted && effect.sends === 0)) continue;
    const standing = await learnExternalId(uow, effect.id, issueId);
    if (standing !== issueId) {
      await setAside(uow, effect.id, issueId);
      outcome ??= 'duplicate';
      continue;
    }
    await saveTicket(uow, effect.deploymentId, effect.id, { issueId, key, url });
    if (effect.phase !== 'sent' && effect.deploymentId !== null) await showTicketInMessage(uow, effect.deploymentId);
    outcome = 'adopted';
  }
  if (outcome !== 'adopted') return outcome;
  if (deleted) await mirrorDeletion(uow, issueId, issue.at);
  else await mirrorIssue(uow, issue);
  return outcome;
}

