import { discardJob, noJob, replayJob } from '@deptracker/application';
import { PRIORITIES } from '@deptracker/domain';
import { type ByHand, findJob, listEffectActions, listJobs } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { requestIdOf } from '../../http/arrival.js';
import { asUuid } from '../fields.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentJob, presentJobWithHistory } from './present.js';
import type { DiscardBody, JobsQuery, ReplayBody } from './schema.js';

const asId = ([id]: readonly unknown[]): string | null => (typeof id === 'string' ? asUuid(id) : null);

interface Identified {
  readonly params: { readonly id: string };
}

interface Act<B> extends Identified {
  readonly headers: { readonly actor: string | null };
  readonly body: B;
}

/** GET /jobs */
export async function list({ database }: RouteOptions, { query, response }: Call<{ query: JobsQuery }>): Promise<void> {
  const { limit, cursor, priority, ...filter } = query;
  const after = decodeCursor(cursor, asId);
  const numbered = priority === undefined ? filter : { ...filter, priority: PRIORITIES[priority] };
  const found = await listJobs(database, numbered, { after, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  response.json({
    data: shown.map(presentJob),
    nextCursor: encodeCursor(found.length > limit && last !== undefined ? [last.id] : null),
  });
}

/** GET /jobs/:id */
export async function get({ database }: RouteOptions, { params: { id }, response }: Call<Identified>): Promise<void> {
  const [job, history] = await Promise.all([findJob(database, id), listEffectActions(database, id)]);
  if (job === null) throw noJob(id);
  response.json(presentJobWithHistory(job, history));
}

function byHand({ params, headers, body, response }: Call<Act<ReplayBody>>): ByHand {
  return { id: params.id, actor: headers.actor, reason: body.reason || null, requestId: requestIdOf(response) };
}

/** POST /jobs/:id/replay */
export async function replay(options: RouteOptions, call: Call<Act<ReplayBody>>): Promise<void> {
  const { job, history, effects } = await replayJob(options.change, byHand(call));
  options.offers.offer(effects);
  call.response.json(presentJobWithHistory(job, history));
}

/** POST /jobs/:id/discard */
export async function discard(options: RouteOptions, call: Call<Act<DiscardBody>>): Promise<void> {
  const { job, history } = await discardJob(options.change, byHand(call));
  call.response.json(presentJobWithHistory(job, history));
}
