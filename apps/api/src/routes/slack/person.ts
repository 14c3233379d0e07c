import type { SlackClient } from '@deptracker/slack';
import { type Database, findSlackUser, saveSlackUser } from '@deptracker/store';

export interface PersonOptions {
  readonly database: Database;
  readonly slack: Pick<SlackClient, 'userEmail'>;
}

/** What a Slack user is called here: their e-mail address, or `slack:<team>:<id>` for one without. */
export function nameOf({ email }: { readonly email: string | null }, teamId: string, userId: string): string {
  return email ?? `slack:${teamId}:${userId}`;
}

/**
 * Who a Slack user is to us. Looked up once and remembered, also that there is no address: whoever changed identity
 * between two clicks would count as two people.
 */
export async function identify({ database, slack }: PersonOptions, teamId: string, userId: string): Promise<string> {
  const known = await findSlackUser(database, teamId, userId);
  if (known !== null) return nameOf(known, teamId, userId);
  const email = (await slack.userEmail(userId, { maxWaitMs: 0 }))?.toLowerCase() ?? null;
  await saveSlackUser(database, teamId, userId, email);
  return nameOf({ email }, teamId, userId);
}
