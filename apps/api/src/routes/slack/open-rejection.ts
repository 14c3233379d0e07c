import { type Deployment, type DomainError, decisionRefused } from '@deptracker/domain';
import { VendorError } from '@deptracker/resilience';
import { type Seen, findDeployments, findSlackUser } from '@deptracker/store';
import { ephemeralFor, rejectionModal } from '@deptracker/views';
import { noDeployment } from '../deployment-id.js';
import { asUuid } from '../fields.js';
import type { Click } from './click.js';
import { adopt } from './decide.js';
import type { InteractiveOptions } from './interactive-options.js';
import { identify, nameOf } from './person.js';
import { remember } from './rejection-metadata.js';
import { tell } from './tell.js';

const TRY_AGAIN = 'Slack did not open the form in time. Nothing was decided; please press Reject again.';

/**
 * Why it would be in vain to ask for a reason; null where it is not known to be. Only who is known already is looked at,
 * since the trigger does not wait. Whoever submits the form is judged anew.
 */
async function inVain({ database }: InteractiveOptions, { deployment, now }: Seen, { teamId, userId }: Click): Promise<DomainError | null> {
  const known = await findSlackUser(database, teamId, userId);
  return known === null ? null : decisionRefused(deployment, nameOf(known, teamId, userId), now);
}

async function open(options: InteractiveOptions, deployment: Deployment, click: Click): Promise<void> {
  const { slack, background } = options;
  const { triggerId, teamId, userId } = click;
  try {
    if (triggerId === null) return tell(options, click, TRY_AGAIN);
    await slack.viewsOpen({ triggerId, view: rejectionModal(deployment, remember(deployment.id, click)) }, { maxWaitMs: 0 });
    // While they write: their answer then waits for nobody.
    background.run('asking who somebody is', () => identify(options, teamId, userId));
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    tell(options, click, TRY_AGAIN);
  }
}

/**
 * A press of Reject: asks for the reason, and decides nothing. Where the form cannot be opened, or would be in vain, the
 * person is told so.
 */
export async function openRejection(options: InteractiveOptions, click: Click): Promise<void> {
  const id = asUuid(click.deploymentId) ?? '';
  const seen = id === '' ? undefined : (await findDeployments(options.database, [id])).get(id);
  if (seen === undefined) return tell(options, click, ephemeralFor(noDeployment(id)));
  adopt(options, id, click);
  const refused = await inVain(options, seen, click);
  if (refused === null) await open(options, seen.deployment, click);
  else tell(options, click, ephemeralFor(refused));
}
