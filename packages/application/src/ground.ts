import {
  type DefaultPolicy,
  DomainError,
  type Environment,
  PLAIN_ENVIRONMENT,
  type Policy,
  type Project,
  effectivePolicy,
  plainProject,
} from '@deptracker/domain';
import { type Database, UnavailableError, type UnitOfWork, findEnvironment, findProject } from '@deptracker/store';
import { addEnvironment } from './environments.js';
import type { Known } from './known.js';
import { addProject } from './projects.js';

/** What holds where nothing more specific is said. */
export interface Defaults {
  readonly policy: DefaultPolicy;
  /** Where approvals and notices go. */
  readonly channelId: string;
  /** What becomes of a deployment of a project that there is not: the project is created, or the deployment refused. */
  readonly unknownProject: 'create' | 'refuse';
  readonly unknownEnvironment: 'create' | 'refuse';
}

/** What a new deployment stands on: fixed on it when it is created. */
export interface Ground {
  readonly policy: Policy;
  readonly channelId: string;
}

/** Who asks for the ground, and what they know of it. */
export interface GroundCause {
  readonly actor: string | null;
  readonly requestId: string | null;
  /** The revision of a policy that was given before and holds no more: it is not to be given again from memory. */
  readonly outdated: number | null;
}

/**
 * The ground of a new deployment. Raises `project_unknown`, `environment_unknown`, `project_archived` and
 * `environment_archived`.
 */
export type FindGround = (project: string, environment: string, cause: GroundCause) => Promise<Ground>;

export interface GroundOptions {
  readonly database: Database;
  /** In force now; asked for each deployment, so it must be quick. */
  readonly defaults: () => Promise<Defaults>;
  /** The channel that the most specific channel mapping gives; null where none fits. */
  readonly channel: (project: string, environment: string) => Promise<string | null>;
  readonly known: Known;
}

interface Place {
  readonly key: string;
  readonly name: string;
  readonly project: Project | null;
  readonly environment: Environment | null;
}

/** Before anything is created: what is refused leaves nothing behind. */
function assertPossible({ key, name, project, environment }: Place, { unknownProject, unknownEnvironment }: Defaults): void {
  if (project !== null && project.archivedAt !== null) {
    throw new DomainError({ code: 'project_archived', key }, `The project ${key} is archived; restore it first.`);
  }
  if (environment !== null && environment.archivedAt !== null) {
    throw new DomainError({ code: 'environment_archived', name }, `The environment ${name} is archived; restore it first.`);
  }
  if (project === null && unknownProject === 'refuse') {
    throw new DomainError({ code: 'project_unknown', key }, `There is no project ${key}; create it first.`);
  }
  if (environment === null && unknownEnvironment === 'refuse') {
    throw new DomainError({ code: 'environment_unknown', name }, `There is no environment ${name}; create it first.`);
  }
}

/** The environment, not from memory where that has the policy which is known to be outdated. */
async function currentEnvironment({ database, known }: GroundOptions, name: string, outdated: number | null): Promise<Environment | null> {
  const get = (): Promise<Environment | null> => known.environments.get(name, () => findEnvironment(database, name));
  const kept = await get();
  if (outdated === null || kept?.revision !== outdated) return kept;
  known.environments.forget(name);
  return get();
}

/** Whoever comes first creates it, the others find it; in one process all of one key wait for the same. */
function createAdder<T>(
  database: Database,
  add: (uow: UnitOfWork, key: string, cause: GroundCause) => Promise<T | null>,
  find: (uow: UnitOfWork, key: string) => Promise<T | null>,
): (key: string, cause: GroundCause) => Promise<T> {
  const adding = new Map<string, Promise<T>>();
  return (key, cause) => {
    const running =
      adding.get(key) ??
      database
        .transaction(async (uow) => {
          const there = (await add(uow, key, cause)) ?? (await find(uow, key));
          if (there === null) throw new UnavailableError(`${key} was removed while it was looked at.`, true, undefined);
          return there;
        })
        .finally(() => adding.delete(key));
    adding.set(key, running);
    return running;
  };
}

/** Finds the ground of new deployments, and creates projects and environments that there are not yet, if that is wanted. */
export function createGround(options: GroundOptions): FindGround {
  const { database, known, defaults: inForce, channel } = options;
  const addedProject = createAdder(database, (uow, key, cause) => addProject(uow, key, plainProject(key), cause, 'deployment'), findProject);
  const addedEnvironment = createAdder(database, (uow, name, cause) => addEnvironment(uow, name, PLAIN_ENVIRONMENT, cause, 'deployment'), findEnvironment);
  return async (key, name, cause) => {
    const [project, environment, defaults, mapped] = await Promise.all([
      known.projects.get(key, () => findProject(database, key)),
      currentEnvironment(options, name, cause.outdated),
      inForce(),
      channel(key, name),
    ]);
    assertPossible({ key, name, project, environment }, defaults);
    const { defaultChannelId } = project ?? (await addedProject(key, cause));
    return {
      policy: effectivePolicy(environment ?? (await addedEnvironment(name, cause)), defaults.policy),
      channelId: mapped ?? defaultChannelId ?? defaults.channelId,
    };
  };
}
