import type { SlackClient } from '@deptracker/slack';
import { HttpRefusal } from '../../http/http-refusal.js';

/** The id of our workspace (or organisation). */
export type Workspace = () => Promise<string>;

/** The configured workspace, or the one of the bot's token: asked once it is needed and remembered when it answered. */
export function createWorkspace(configured: string | undefined, slack: Pick<SlackClient, 'authTest'>): Workspace {
  let known: string | null = configured ?? null;
  return async () => {
    known ??= (await slack.authTest({ maxWaitMs: 0 })).teamId;
    return known;
  };
}

interface Origin {
  readonly team?: { readonly id?: unknown } | null;
  readonly team_id?: unknown;
  readonly enterprise?: { readonly id?: unknown } | null;
  /** In commands and events. */
  readonly enterprise_id?: unknown;
  readonly user?: { readonly team_id?: unknown } | null;
}

/**
 * Refuses a payload that is not of our workspace, even though it is signed, and a person of another workspace who is a
 * guest in a shared channel: anybody of the workspace may decide, nobody else.
 */
export function assertOurs(ours: string, body: unknown): void {
  const { team, team_id: teamId, enterprise, enterprise_id: enterpriseId, user } = body as Origin;
  const from = team?.id ?? teamId;
  const home = user?.team_id;
  const guest = ours.startsWith('T') && home !== undefined && home !== ours;
  if ((from === ours || (enterprise?.id ?? enterpriseId) === ours) && !guest) return;
  throw new HttpRefusal('wrong-workspace', 'This request comes from a workspace that is not ours.');
}
