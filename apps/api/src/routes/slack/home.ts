import { decisionRefused } from '@deptracker/domain';
import type { SlackClient } from '@deptracker/slack';
import { type Database, findWaitingFor, listDeployments } from '@deptracker/store';
import { type Home, homeView } from '@deptracker/views';
import type { Background } from '../../background.js';
import { identify } from './person.js';

/** Shows people the app's Home. */
export interface HomePublisher {
  /**
   * Shows it anew, beside the answer: Slack waits three seconds at most, and a Home that was not shown is harmless, since
   * it is shown again when it is opened. `note` is said on top, escaped.
   */
  publish(teamId: string, userId: string, note?: string): void;
}

export interface HomeOptions {
  readonly database: Database;
  readonly slack: Pick<SlackClient, 'userEmail' | 'viewsPublish'>;
  readonly background: Background;
}

/** Approvals that are looked at; those beyond are not counted. */
const MOST_WAITING = 100;
const MOST_ASKED = 10;

async function homeOf(database: Database, person: string): Promise<Omit<Home, 'note'>> {
  const [candidates, { deployments: asked }] = await Promise.all([
    findWaitingFor(database, person, MOST_WAITING + 1),
    listDeployments(database, { requestedBy: person }, { after: null, limit: MOST_ASKED }),
  ]);
  const waiting = candidates
    .filter(({ deployment, now }) => decisionRefused(deployment, person, now) === null)
    .map(({ deployment }) => deployment);
  return { waiting: waiting.slice(0, MOST_WAITING), more: candidates.length > MOST_WAITING, asked };
}

/** One Home of a person is made at a time, so that an older one never comes to stand above a newer one. */
export function createHomePublisher({ database, slack, background }: HomeOptions): HomePublisher {
  const running = new Set<string>();
  const again = new Map<string, string | null>();
  const show = async (teamId: string, userId: string, note: string | null): Promise<void> => {
    const person = await identify({ database, slack }, teamId, userId);
    const view = homeView({ ...(await homeOf(database, person)), note });
    await slack.viewsPublish({ userId, view }, { maxWaitMs: 0 });
  };
  const publish = (teamId: string, userId: string, note: string | null): void => {
    const key = `${teamId}:${userId}`;
    if (running.has(key)) {
      again.set(key, note);
      return;
    }
    running.add(key);
    background.run('showing Home', async () => {
      try {
        await show(teamId, userId, note);
      } finally {
        running.delete(key);
        const next = again.get(key);
        again.delete(key);
        if (next !== undefined) publish(teamId, userId, next);
      }
    });
  };
  return { publish: (teamId, userId, note) => publish(teamId, userId, note ?? null) };
}
