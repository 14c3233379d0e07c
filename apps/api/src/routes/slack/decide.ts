import { decideByClick } from '@deptracker/application';
import { type Deployment, DomainError } from '@deptracker/domain';
import { adoptMessage } from '@deptracker/store';
import { ephemeralFor } from '@deptracker/views';
import { noDeployment } from '../deployment-id.js';
import { asUuid } from '../fields.js';
import type { Click } from './click.js';
import type { InteractiveOptions } from './interactive-options.js';
import { identify } from './person.js';
import type { Place, SlackDecision } from './slack-decision.js';
import { tell } from './tell.js';

/** What a person does on a message proves that it stands, also where its post was never answered. */
export function adopt({ database, background }: InteractiveOptions, id: string, { channelId, messageTs }: Place): void {
  if (channelId === null || messageTs === null) return;
  background.run('adopting a message', () =>
    database.transaction((uow) => adoptMessage(uow, id, channelId, messageTs)),
  );
}

/**
 * Counts a decision; raises what the rules refuse it with. Null where it was counted before. Any other failure means that
 * nothing was stored, or that the repetition will find it so.
 */
export async function countDecision(options: InteractiveOptions, act: SlackDecision, requestId: string): Promise<Deployment | null> {
  const id = asUuid(act.deploymentId);
  if (id === null) throw noDeployment(act.deploymentId.slice(0, 100));
  const actor = await identify(options, act.teamId, act.userId);
  const { decision, reason, key } = act;
  try {
    const changed = await decideByClick(options.change, { id, decision, actor, reason, key }, requestId);
    if (act.fromHome) options.home.publish(act.teamId, act.userId);
    if (changed === null) return null;
    options.offers.offer(changed.effects);
    return changed.deployment;
  } finally {
    adopt(options, id, act);
  }
}

/**
 * Counts a click. One that the rules refuse is done too, and the person is told why. Any other failure is raised, so
 * that the click is not acknowledged and Slack shows that it did not work. Null where nothing was changed.
 */
export async function decideClick(options: InteractiveOptions, click: Click, requestId: string): Promise<Deployment | null> {
  try {
    return await countDecision(options, click, requestId);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    tell(options, click, ephemeralFor(error));
    return null;
  }
}
