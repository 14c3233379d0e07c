import { countBacklog, findRunning, readFreshness, readStats } from '@deptracker/store';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentQueue, presentRunning, presentStats } from './present.js';
import type { RunningQuery, StatsQuery } from './schema.js';
import { spanOf } from './span.js';

/** GET /stats */
export async function get({ reader }: RouteOptions, { query, response }: Call<{ query: StatsQuery }>): Promise<void> {
  const { interval, project = null, environment = null } = query;
  // Read first: what is counted meanwhile is more than is promised, never less.
  const database = reader.steady();
  const { freshAsOf, now } = await readFreshness(database);
  const span = spanOf(query, now);
  const stats = await readStats(database, { ...span, grain: interval, project, environment });
  response.json(presentStats({ span, interval, stats, freshAsOf }));
}

/** GET /stats/environments */
export async function running({ reader }: RouteOptions, { query, response }: Call<{ query: RunningQuery }>): Promise<void> {
  const { environment, limit } = query;
  response.json(presentRunning(environment, await findRunning(reader, environment, limit)));
}

/** GET /stats/queue */
export async function queue({ database }: RouteOptions, { response }: Call): Promise<void> {
  response.json(presentQueue(await countBacklog(database)));
}
