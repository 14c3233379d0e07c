import type { UnitOfWork } from './database.js';

/** A Jira issue as Jira tells of it by itself. Members that were not told are absent. */
export interface SeenIssue {
  readonly issueId: string;
  readonly key: string;
  readonly url: string;
  readonly summary?: string;
  readonly status?: { readonly id: string; readonly name: string; readonly category: string };
  /** Null where nobody is. */
  readonly assignee?: { readonly id: string; readonly name: string } | null;
  readonly priority?: string | null;
  readonly resolution?: string | null;
  /** On Jira's clock: when it came to be so. */
  readonly at: Date;
}

/** What a deleted ticket has in the place of a status. */
export const DELETED_STATUS = 'deleted';

/** Effects whose ticket this issue is. */
export async function effectsOfIssue(uow: UnitOfWork, issueId: string): Promise<string[]> {
  const rows = await uow.query<{ id: string }>('SELECT effect_id AS id FROM jira_tickets WHERE issue_id = $1', [issueId]);
  return rows.map(({ id }) => id);
}

/** Columns of what was told; null stands for "nobody" or "none", absent is not told. */
function told({ summary, status, assignee, priority, resolution }: SeenIssue): Record<string, string | null> {
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(status === undefined ? {} : { status: status.name, status_id: status.id, status_category: status.category }),
    ...(assignee === undefined ? {} : { assignee_id: assignee?.id ?? null, assignee: assignee?.name ?? null }),
    ...(priority === undefined ? {} : { priority }),
    ...(resolution === undefined ? {} : { resolution }),
  };
}

const COLUMNS = ['summary', 'status', 'status_id', 'status_category', 'assignee_id', 'assignee', 'priority', 'resolution'] as const;

/**
 * Stores what Jira tells of an issue that is a ticket of ours. False where nothing is changed: what is stored is of a
 * later time, the ticket was deleted, or it is none of ours.
 */
export async function mirrorIssue(uow: UnitOfWork, issue: SeenIssue): Promise<boolean> {
  const set = COLUMNS.map((name) => `${name} = CASE WHEN $5::jsonb ? '${name}' THEN $5::jsonb ->> '${name}' ELSE ${name} END`);
  const rows = await uow.query(
    `UPDATE jira_tickets SET key = $2, url = $3, seen_at = $4, ${set.join(', ')}, updated_at = now()
     WHERE issue_id = $1 AND deleted_at IS NULL AND (seen_at IS NULL OR seen_at <= $4) RETURNING 1`,
    [issue.issueId, issue.key, issue.url, issue.at, JSON.stringify(told(issue))],
  );
  return rows.length > 0;
}

/**
 * Somebody has deleted the issue in Jira: its tickets say so, and what they still owe it is not owed any more. Nothing is
 * created anew. False where that was known.
 */
export async function mirrorDeletion(uow: UnitOfWork, issueId: string, at: Date): Promise<boolean> {
  const effects = await effectsOfIssue(uow, issueId);
  // First the effects, in the order in which those lock who record a run.
  await uow.query('SELECT 1 FROM effects WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [effects]);
  const rows = await uow.query(
    `UPDATE jira_tickets SET status = $3, status_id = NULL, status_category = NULL, deleted_at = $2, seen_at = $2, updated_at = now()
     WHERE issue_id = $1 AND deleted_at IS NULL RETURNING 1`,
    [issueId, at, DELETED_STATUS],
  );
  if (rows.length === 0) return false;
  await uow.query(
    `DELETE FROM effects WHERE parent_id = ANY ($1::uuid[]) AND kind = 'jira.comment' AND phase IN ('unsent', 'dead')
       AND (lease_until IS NULL OR lease_until <= now())`,
    [effects],
  );
  // One that was given up could not be edited; that is settled now. What a person has discarded stays so.
  await uow.query(
    `UPDATE effects SET phase = 'sent', attempts = 0, last_error = NULL, failing_since = NULL, next_attempt_at = now(), updated_at = now()
     WHERE id = ANY ($1::uuid[]) AND phase = 'dead' AND discarded_at IS NULL`,
    [effects],
  );
  return true;
}
