import type { Created } from '@deptracker/application';
import { OverloadedError, UnavailableError } from '@deptracker/store';
import type { Request } from 'express';
import { presentProblem } from '../../http/problem.js';
import { requestIdOf } from '../../http/arrival.js';
import { validPart, validWhole } from '../../http/validate.js';
import { NOTHING_OUTSIDE, presentDeployment } from '../deployments/present.js';
import { requestOf } from '../deployments/schema.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { createAfterSame } from './after-same.js';
import { inTurn } from './in-turn.js';
import { type BatchBody, type BatchItem, anyBatch, batchItem } from './schema.js';

/** So many fill all of the group-commit writers; more at once would only queue for a connection. */
const AT_ONCE = 128;

/** The body, with its items not looked at yet. */
export function readBatch(request: Request): BatchBody {
  return validWhole(anyBatch, request);
}

/** No key of a caller can have this character, so none is the same as that of a place in a batch. */
const SEPARATOR = '\u001f';

const keyOfPlace = (batchKey: string | null, index: number): string | null =>
  batchKey === null ? null : `${batchKey}${SEPARATOR}${index}`;

interface Batch {
  readonly key: string | null;
  readonly requestId: string;
  readonly afterSame: ReturnType<typeof createAfterSame>;
}

type Outcome = { readonly created: Created } | { readonly error: unknown };

/** What two items must not have in common to be created side by side. */
function keysOf({ idempotencyKey, source, externalId, project, environment }: BatchItem): string[] {
  return [
    ...(idempotencyKey === null ? [] : [`key ${idempotencyKey}`]),
    ...(externalId === null ? [] : [JSON.stringify([source, externalId, project, environment])]),
  ];
}

async function createOne(options: RouteOptions, item: unknown, index: number, { key, requestId, afterSame }: Batch): Promise<Outcome> {
  try {
    const valid = validPart(batchItem, item, ['deployments', index]);
    const { idempotencyKey: own, ...body } = valid;
    const command = { request: requestOf(body), idempotencyKey: own ?? keyOfPlace(key, index), requestId };
    const created = await afterSame(keysOf(valid), () => options.create(command));
    options.offers.offer(created.effects);
    return { created };
  } catch (error) {
    return { error };
  }
}

const isAway = (outcome: Outcome): boolean =>
  'error' in outcome && (outcome.error instanceof UnavailableError || outcome.error instanceof OverloadedError);

function presentOutcome(outcome: Outcome, index: number): object {
  if ('error' in outcome) {
    const problem = presentProblem(outcome.error, `/deployments/${index}`);
    return { index, status: problem.status, problem };
  }
  const { deployment, replayed } = outcome.created;
  return { index, status: replayed ? 200 : 201, deployment: presentDeployment(deployment, NOTHING_OUTSIDE) };
}

interface Creation {
  readonly headers: { readonly key: string | null };
  readonly body: BatchBody;
}

/** POST /deployments/batch */
export async function createBatch(options: RouteOptions, { headers, body, response }: Call<Creation>): Promise<void> {
  const batch: Batch = { key: headers.key, requestId: requestIdOf(response), afterSame: createAfterSame() };
  const outcomes = await inTurn(body.deployments, AT_ONCE, (item, index) => createOne(options, item, index, batch));
  const [first] = outcomes;
  // Nothing is known to be stored: then the whole can be sent again, and a client may do so without looking inside.
  if (first !== undefined && 'error' in first && outcomes.every(isAway)) throw first.error;
  const errors = outcomes.flatMap((one) => ('error' in one ? [one.error] : []));
  for (const error of errors) options.logFault(response, error);
  const created = outcomes.filter((one) => 'created' in one && !one.created.replayed).length;
  response.status(errors.length === 0 ? 200 : 207).json({
    created,
    replayed: outcomes.length - errors.length - created,
    refused: errors.length,
    results: outcomes.map(presentOutcome),
  });
}
