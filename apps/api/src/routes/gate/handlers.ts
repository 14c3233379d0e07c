import { gate } from '@deptracker/domain';
import { findLastEvent } from '@deptracker/store';
import { noteDeployment } from '../../http/arrival.js';
import { noDeployment } from '../deployment-id.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentGate, tellingEvent } from './present.js';
import type { GateQuery } from './schema.js';

interface Question {
  readonly params: { readonly id: string };
  readonly query: GateQuery;
}

/** GET /deployments/:id/gate */
export async function get({ database, gates }: RouteOptions, { params: { id }, query, response }: Call<Question>): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const seen = await gates.look(id, query.wait * 1_000, gone.signal);
  if (gone.signal.aborted) return;
  if (seen === null) throw noDeployment(id);
  const { deployment, now } = seen;
  const answer = gate(deployment, now);
  const type = tellingEvent(answer.status);
  const stored = type === null || answer.lapse !== null ? null : await findLastEvent(database, id, type);
  const event = answer.lapse === null ? stored : { ...answer.lapse, at: now };
  noteDeployment(response, deployment);
  response.json(presentGate(deployment, answer, event));
}
