import type { EffectKind } from '@deptracker/domain';
import knex, { type Knex } from 'knex';
import type { Queryable } from './database.js';
import type { Phase } from './effect-row.js';
import { type Position, asInstant } from './position.js';

/** Filters of a list; all that are given must hold. `from` is inclusive, `to` exclusive, both on when it came to be owed. */
export interface SlackMessageFilter {
  readonly deployment?: string;
  readonly kind?: EffectKind;
  readonly channelId?: string;
  readonly phase?: Phase;
  readonly from?: Date;
  readonly to?: Date;
}

/** What is or was owed to Slack, with where it stands as far as that is known. A notice stands where its digest stands. */
export interface SlackMessage {
  readonly id: string;
  readonly deploymentId: string | null;
  readonly kind: EffectKind;
  readonly channelId: string;
  readonly ts: string | null;
  readonly threadTs: string | null;
  readonly phase: Phase;
  readonly lastError: string | null;
  readonly owedAt: Date;
  readonly postedAt: Date | null;
  readonly updatedAt: Date;
}

// Builds SQL only; it never connects.
const builder: Knex = knex({ client: 'pg' });

const EQUALS = { deployment: 'e.deployment_id', kind: 'e.kind', channelId: 'e.destination', phase: 'e.phase' } as const;

const POSITION = `${asInstant('e.created_at')} AS position`;

const COLUMNS = `e.id, e.deployment_id AS "deploymentId", e.kind, coalesce(m.channel_id, e.destination) AS "channelId", m.ts,
  m.thread_ts AS "threadTs", e.phase, e.last_error AS "lastError", e.created_at AS "owedAt", m.posted_at AS "postedAt",
  e.updated_at AS "updatedAt"`;

const STANDING = `slack_messages AS m ON m.effect_id = CASE WHEN e.kind = 'slack.notice' THEN e.parent_id ELSE e.id END`;

/** A page of what is owed to Slack, newest first, and the position after which the next one goes on; null at the end. */
export async function listSlackMessages(
  db: Queryable,
  filter: SlackMessageFilter,
  page: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly messages: SlackMessage[]; readonly next: Position | null }> {
  const query = builder('effects as e')
    .select(builder.raw(COLUMNS), builder.raw(POSITION))
    .joinRaw(`LEFT JOIN ${STANDING}`)
    // As text, so that the planner sees that the partial indexes hold all of these.
    .whereRaw(`e.target = 'slack'`)
    .orderBy([{ column: 'e.created_at', order: 'desc' }, { column: 'e.id', order: 'desc' }])
    .limit(page.limit + 1);
  for (const [name, column] of Object.entries(EQUALS)) {
    const value = filter[name as keyof typeof EQUALS];
    if (value !== undefined) query.where(column, value);
  }
  if (filter.phase !== undefined && filter.phase !== 'sent') query.whereRaw(`e.phase <> 'sent'`);
  if (filter.from !== undefined) query.where('e.created_at', '>=', filter.from);
  if (filter.to !== undefined) query.where('e.created_at', '<', filter.to);
  if (page.after !== null) {
    query.whereRaw('(e.created_at, e.id) < (?::timestamptz, ?::uuid)', [page.after.createdAt, page.after.id]);
  }
  const { sql, bindings } = query.toSQL().toNative();
  const rows = await db.query<SlackMessage & { position: string }>(sql, bindings);
  const messages = rows.slice(0, page.limit);
  const last = messages.at(-1);
  const next = rows.length > page.limit && last !== undefined ? { createdAt: last.position, id: last.id } : null;
  return { messages, next };
}
