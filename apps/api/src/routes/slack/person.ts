import type { SlackClient } from '@deptracker/slack';
import { type Database, findSlackUser, saveSlackUser } from '@deptracker/store';

export interface PersonOptions {
  readonly database: Database;
  readonly slack: Pick<SlackClient, 'userEmail'>;
}

/**
 * Who a Slack user is to us: their e-mail address in lower case, or `slack:<team>:<id>` for one without. Looked up once
 * and remembered, also that there is none: whoever changed identity between two clicks would count as two people.
 */
export async function identify({ database, slack }: PersonOptions, teamId: string, userId: string): Promise<string> {
  const known = await findSlackUser(database, teamId, userId);
  if (known !== null) return known.email ?? `slack:${teamId}:${userId}`;
  const email = (await slack.userEmail(userId, { maxWaitMs: 0 }))?.toLowerCase() ?? null;
  await saveSlackUser(database, teamId, userId, email);
  return email ?? `slack:${teamId}:${userId}`;
}
