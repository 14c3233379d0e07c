import type { Created } from '@deptracker/application';
import { requestIdOf } from '../../http/arrival.js';
import { tellCreated } from '../../http/tell-created.js';
import { NOTHING_OUTSIDE, sendDeployment } from '../deployments/present.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { type PromotionBody, type RollbackBody, askedOf } from './schema.js';

interface Linked {
  readonly params: { readonly id: string };
  readonly headers: { readonly key: string | null; readonly expectedRevision: number | null };
}

function commandOf({ params, headers, response }: Call<Linked>) {
  return {
    id: params.id,
    idempotencyKey: headers.key,
    expectedRevision: headers.expectedRevision,
    requestId: requestIdOf(response),
  };
}

function sendCreated({ offers }: RouteOptions, { request, response }: Call, { deployment, replayed, effects }: Created): void {
  offers.offer(effects);
  tellCreated(request, response, `/deployments/${deployment.id}`, { replayed });
  sendDeployment(request, response, deployment, NOTHING_OUTSIDE);
}

/** POST /deployments/:id/rollback */
export async function rollback(options: RouteOptions, call: Call<Linked & { readonly body: RollbackBody }>): Promise<void> {
  const { version } = call.body;
  sendCreated(options, call, await options.linked.rollback({ ...commandOf(call), version, asked: askedOf(call.body) }));
}

/** POST /deployments/:id/promote */
export async function promote(options: RouteOptions, call: Call<Linked & { readonly body: PromotionBody }>): Promise<void> {
  const { environment } = call.body;
  sendCreated(options, call, await options.linked.promote({ ...commandOf(call), environment, asked: askedOf(call.body) }));
}
