import type { Deployment, DeploymentRequest } from './deployment.js';
import { DomainError } from './domain-error.js';

/** What is said anew when a deployment is made from another one; everything else comes from there. */
export type LinkedRequest = Pick<DeploymentRequest, 'description' | 'requestedBy' | 'source' | 'externalId' | 'links' | 'metadata'>;

/** What stands around a deployment that is to be rolled back. */
export interface RollbackScene {
  /** The version that was asked for; null is the earlier one. */
  readonly version: string | null;
  /** Where it would lead: the last success before with that version, or with any other one. */
  readonly earlier: Deployment | null;
  /** What has succeeded in its place since. */
  readonly successor: Deployment | null;
}

function assertSucceeded(source: Deployment, what: string): void {
  if (source.status === 'succeeded') return;
  throw new DomainError(
    { code: 'not_succeeded', status: source.status },
    `Only a deployment that succeeded can be ${what}; this one is ${source.status}.`,
  );
}

function linked(source: Deployment, asked: LinkedRequest): DeploymentRequest {
  return {
    project: source.project,
    environment: source.environment,
    version: source.version,
    commitSha: source.commitSha,
    ref: source.ref,
    description: asked.description,
    requestedBy: asked.requestedBy,
    source: asked.source,
    externalId: asked.externalId,
    links: asked.links,
    metadata: asked.metadata,
    retryOf: null,
    rollbackOf: null,
    promotedFrom: null,
  };
}

/**
 * The request that goes back from `replaced` to an earlier version in the same place. A version that is asked for by
 * name need not be known here; commit and ref come along where it is. Refused with `not_succeeded`, `superseded`,
 * `no_earlier_version` and `same_as_source`.
 */
export function rollback(replaced: Deployment, asked: LinkedRequest, scene: RollbackScene): DeploymentRequest {
  const { earlier, successor } = scene;
  assertSucceeded(replaced, 'rolled back');
  if (successor !== null) {
    throw new DomainError(
      { code: 'superseded', by: successor.id },
      `Version ${successor.version} has succeeded there since (deployment ${successor.id}); roll that one back.`,
    );
  }
  const version = scene.version ?? earlier?.version;
  if (version === undefined) {
    throw new DomainError(
      { code: 'no_earlier_version' },
      `No other version of ${replaced.project} has succeeded in ${replaced.environment} before; name the version to go back to.`,
    );
  }
  if (version === replaced.version) {
    throw new DomainError({ code: 'same_as_source', field: 'version' }, `The deployment to roll back has version ${version} itself.`);
  }
  return { ...linked(replaced, asked), version, commitSha: earlier?.commitSha ?? null, ref: earlier?.ref ?? null, rollbackOf: replaced.id };
}

/** The request that brings the version of `source` to another environment. Refused with `not_succeeded` and `same_as_source`. */
export function promotion(source: Deployment, asked: LinkedRequest, environment: string): DeploymentRequest {
  assertSucceeded(source, 'promoted');
  if (environment === source.environment) {
    throw new DomainError({ code: 'same_as_source', field: 'environment' }, `The deployment to promote is in ${environment} already.`);
  }
  return { ...linked(source, asked), environment, promotedFrom: source.id };
}
