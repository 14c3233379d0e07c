import { decideDeployment } from '@deptracker/application';
import { requestIdOf } from '../../http/arrival.js';
import { sendDeployment } from '../deployments/present.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import type { DecisionBody } from './schema.js';

interface Decision {
  readonly params: { readonly id: string };
  readonly headers: { readonly expectedRevision: number | null };
  readonly body: DecisionBody;
}

/** PUT /deployments/:id/approval */
export async function decide(options: RouteOptions, { params, headers, body, request, response }: Call<Decision>): Promise<void> {
  const { id } = params;
  const { decision, reason, approver } = body;
  const { deployment, outside, effects } = await decideDeployment(
    options.change,
    { id, decision, reason: reason || null, actor: approver },
    { requestId: requestIdOf(response), expectedRevision: headers.expectedRevision },
  );
  options.offers.offer(effects);
  sendDeployment(request, response, deployment, outside);
}
