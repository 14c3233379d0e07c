import { type ChangeOptions, decideByClick } from '@deptracker/application';
import { type Deployment, DomainError } from '@deptracker/domain';
import type { Offers } from '@deptracker/reconcile';
import type { SlackClient } from '@deptracker/slack';
import { type Database, adoptMessage } from '@deptracker/store';
import { ephemeralFor } from '@deptracker/views';
import type { Background } from '../../background.js';
import { noDeployment } from '../deployment-id.js';
import { asUuid } from '../fields.js';
import type { Click } from './click.js';
import { identify } from './person.js';

export interface ClickOptions {
  readonly database: Database;
  readonly change: ChangeOptions;
  readonly offers: Pick<Offers, 'offer'>;
  /** Best effort and quick: no gate, no repetition, 1.5 s. */
  readonly slack: Pick<SlackClient, 'userEmail' | 'authTest' | 'postEphemeral'>;
  readonly background: Background;
}

/** Tells the person, and nobody else, why the click did not count. Beside the answer: it may fail. */
function explain({ slack, background }: ClickOptions, { channelId, userId }: Click, refused: DomainError): void {
  if (channelId === null) return;
  const message = { channel: channelId, user: userId, text: ephemeralFor(refused) };
  background.run('telling why a click did not count', () => slack.postEphemeral(message, { maxWaitMs: 0 }));
}

/** The click proves that the message stands, also where its post was never answered. */
function adopt({ database, background }: ClickOptions, id: string, { channelId, messageTs }: Click): void {
  if (channelId === null || messageTs === null) return;
  background.run('adopting a message', () =>
    database.transaction((uow) => adoptMessage(uow, id, channelId, messageTs)),
  );
}

async function count(options: ClickOptions, click: Click, requestId: string): Promise<Deployment | null> {
  const id = asUuid(click.deploymentId);
  if (id === null) throw noDeployment(click.deploymentId.slice(0, 100));
  const actor = await identify(options, click.teamId, click.userId);
  const { decision, key } = click;
  try {
    const changed = await decideByClick(options.change, { id, decision, actor, reason: null, key }, requestId);
    if (changed === null) return null;
    options.offers.offer(changed.effects);
    return changed.deployment;
  } finally {
    adopt(options, id, click);
  }
}

/**
 * Counts a click. One that the rules refuse is done too, and the person is told why. Any other failure is raised, so
 * that the click is not acknowledged and Slack shows that it did not work. Null where nothing was changed.
 */
export async function decideClick(options: ClickOptions, click: Click, requestId: string): Promise<Deployment | null> {
  try {
    return await count(options, click, requestId);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    explain(options, click, error);
    return null;
  }
}
