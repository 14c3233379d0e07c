import type { Environment, Project } from '@deptracker/domain';
import { type ChangeFeed, type FreshByKey, createFreshByKey } from '@deptracker/store';

/** What a process remembers of the catalog, so that a deployment need not ask for it. */
export interface Known {
  readonly projects: FreshByKey<Project>;
  readonly environments: FreshByKey<Environment>;
}

/** A change that was made elsewhere and of which no notice came is seen after so long at the latest. */
const MAX_AGE_MS = 2_000;

/** A few megabytes; what is deployed beyond costs a read by key. */
const MOST = { projects: 5_000, environments: 1_000 } as const;

/**
 * Remembers what is deployed at the moment, never the whole catalog. What is archived is not kept: a deployment is
 * refused by what the database says, since nothing would correct a refusal that rests on memory.
 */
export function createKnown(changes?: Pick<ChangeFeed, 'subscribe'>): Known {
  const keeps = ({ archivedAt }: Project | Environment): boolean => archivedAt === null;
  const of = { maxAgeMs: MAX_AGE_MS, keeps, changes };
  return {
    projects: createFreshByKey<Project>({ ...of, kind: 'project', maxKeys: MOST.projects }),
    environments: createFreshByKey<Environment>({ ...of, kind: 'environment', maxKeys: MOST.environments }),
  };
}
