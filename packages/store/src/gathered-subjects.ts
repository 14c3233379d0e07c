import type { Deployment, Project } from '@deptracker/domain';
import type { Database } from './database.js';
import { findDeployments } from './deployments.js';
import { AT_ONCE, GATHERING, asOutage } from './gathered-effects.js';
import { createGatheredReads } from './gathered-reads.js';
import { type Outside, findOutside } from './outside.js';
import { findProjects } from './projects.js';

/** What effects are about. Reads of all runs of a process are gathered; nothing is remembered. */
export interface Subjects {
  /** Null where there is none. */
  deployment(id: string): Promise<Deployment | null>;
  /** What stands outside for a deployment. */
  outside(deploymentId: string): Promise<Outside>;
  /** Null where there is none. */
  project(key: string): Promise<Project | null>;
}

/** Gathers what reconcilers read into one statement at a time for each kind. */
export function gatherSubjects(database: Database): Subjects {
  const limits = { ...GATHERING, readers: AT_ONCE };
  const deployments = createGatheredReads({ ...limits, read: (ids) => findDeployments(database, ids) });
  const outsides = createGatheredReads({ ...limits, read: (ids) => findOutside(database, ids) });
  const projects = createGatheredReads({ ...limits, read: (keys) => findProjects(database, keys) });
  return {
    deployment: async (id) => (await asOutage(deployments(id)))?.deployment ?? null,
    outside: async (id) => (await asOutage(outsides(id))) ?? { ticket: null, messages: [] },
    project: (key) => asOutage(projects(key)),
  };
}
