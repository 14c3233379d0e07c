import { type DefaultPolicy, DomainError, type Environment, type Policy, type Project, effectivePolicy } from '@deptracker/domain';
import { type Database, findEnvironment, findProject } from '@deptracker/store';

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
}

function assertOpen(project: Project | null, environment: Environment | null): void {
  if (project !== null && project.archivedAt !== null) {
    throw new DomainError({ code: 'project_archived', key: project.key }, `The project ${project.key} is archived; restore it first.`);
  }
  if (environment !== null && environment.archivedAt !== null) {
    const { name } = environment;
    throw new DomainError({ code: 'environment_archived', name }, `The environment ${name} is archived; restore it first.`);
  }
}

function assertKnown(names: { project: string; environment: string }, project: Project | null, environment: Environment | null, defaults: Defaults): void {
  if (project === null && defaults.unknownProject === 'refuse') {
    const key = names.project;
    throw new DomainError({ code: 'project_unknown', key }, `There is no project ${key}; create it first.`);
  }
  if (environment === null && defaults.unknownEnvironment === 'refuse') {
    const name = names.environment;
    throw new DomainError({ code: 'environment_unknown', name }, `There is no environment ${name}; create it first.`);
  }
}

const NO_POLICY: Environment['policy'] = {
  approvalsRequired: null,
  eligible: null,
  requesterMayApprove: null,
  approvalTtlSeconds: null,
  timeoutSeconds: null,
};

/** Finds the ground of new deployments. */
export function createGround({ database, defaults: read, channel }: GroundOptions): FindGround {
  return async (projectKey, environmentName) => {
    const [project, environment, defaults, mapped] = await Promise.all([
      findProject(database, projectKey),
      findEnvironment(database, environmentName),
      read(),
      channel(projectKey, environmentName),
    ]);
    assertOpen(project, environment);
    assertKnown({ project: projectKey, environment: environmentName }, project, environment, defaults);
    return {
      // A row that there is not counts as revision 0 when the deployment is written.
      policy: effectivePolicy(environment ?? { revision: 0, policy: NO_POLICY }, defaults.policy),
      channelId: mapped ?? project?.defaultChannelId ?? defaults.channelId,
    };
  };
}
