import type { Queryable, UnitOfWork } from './database.js';

/** Remembers an inbound message by its key, in the unit of work that handles it; false where it was handled before. */
export async function rememberInbound(uow: UnitOfWork, key: string): Promise<boolean> {
  const rows = await uow.query('INSERT INTO inbound_dedupe (key) VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1', [key]);
  return rows.length === 1;
}

/** Who a Slack user is, as far as it was looked up: `{ email }` with null for a user without one; null where unknown. */
export async function findSlackUser(db: Queryable, teamId: string, userId: string): Promise<{ email: string | null } | null> {
  const [row] = await db.query<{ email: string | null }>(
    'SELECT email FROM slack_users WHERE team_id = $1 AND user_id = $2',
    [teamId, userId],
  );
  return row ?? null;
}

/** Remembers who a Slack user is. */
export async function saveSlackUser(db: Queryable, teamId: string, userId: string, email: string | null): Promise<void> {
  await db.query(
    `INSERT INTO slack_users (team_id, user_id, email) VALUES ($1, $2, $3)
     ON CONFLICT (team_id, user_id) DO UPDATE SET email = excluded.email, seen_at = now()`,
    [teamId, userId, email],
  );
}
