type Row = Readonly<Record<string, unknown>>;

/** A deployment's row as knex gives it. */
export interface BaselineRow extends Row {
  readonly id: string;
  readonly revision: number;
}

/** The same fields as the product answers. */
export function present(row: BaselineRow, decisions: readonly Row[], ticket: Row | null | undefined, messages: readonly Row[]): object {
  return {
    id: row.id,
    revision: row.revision,
    project: row['project'],
    environment: row['environment'],
    version: row['version'],
    commitSha: row['commit_sha'],
    ref: row['ref'],
    description: row['description'],
    requestedBy: row['requested_by'],
    source: row['source'],
    externalId: row['external_id'],
    links: row['links'],
    metadata: row['metadata'],
    retryOf: row['retry_of'],
    rollbackOf: row['rollback_of'],
    promotedFrom: row['promoted_from'],
    status: row['status'],
    approval: {
      status: row['approval_status'],
      required: row['approvals_required'],
      expiresAt: row['approval_expires_at'],
      decisions: decisions.map(({ decision, actor, reason, at }) => ({ decision, actor, reason, at })),
    },
    ticket: ticket ? { key: ticket['key'], url: ticket['url'], status: ticket['status'] } : null,
    messages: messages.map((message) => ({ kind: message['kind'], channelId: message['channel_id'], ts: message['ts'] })),
    createdAt: row['created_at'],
    updatedAt: row['updated_at'],
    startedAt: row['started_at'],
    finishedAt: row['finished_at'],
  };
}
