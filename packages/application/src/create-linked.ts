import { type Deployment, type DeploymentRequest, DomainError, type LinkedRequest, promotion, rollback } from '@deptracker/domain';
import { type Database, findDeployment, findRollbackTarget, findSuccessor } from '@deptracker/store';
import { type CreateCommand, type Created, repeated } from './create-deployment.js';
import { findReplay, keysOf } from './deployment-keys.js';

export interface LinkedOptions {
  readonly database: Database;
  readonly idempotencyTtlSeconds: number;
  readonly create: (command: CreateCommand) => Promise<Created>;
}

interface LinkCommand {
  /** The deployment that the new one is made from. */
  readonly id: string;
  readonly asked: LinkedRequest;
  readonly idempotencyKey: string | null;
  readonly requestId: string | null;
  /** The revision of that deployment that the caller saw (If-Match); null does not compare. */
  readonly expectedRevision: number | null;
}

export interface RollbackCommand extends LinkCommand {
  /** Null is the version that succeeded last before. */
  readonly version: string | null;
}

export interface PromoteCommand extends LinkCommand {
  readonly environment: string;
}

/** Where the new deployment goes, what tells the request from others, and how it is worked out. */
interface Link {
  readonly environment: (source: Deployment) => string;
  readonly fingerprint: object;
  readonly request: (source: Deployment) => Promise<DeploymentRequest> | DeploymentRequest;
}

/**
 * A request that is repeated is answered again before any rule is asked: by then the deployment that it was made from
 * may have been rolled back by it, and another version may be the earlier one.
 */
async function createLinked(options: LinkedOptions, command: LinkCommand, link: Link): Promise<Created> {
  const { id, asked, idempotencyKey, requestId, expectedRevision } = command;
  const source = await findDeployment(options.database, id);
  if (source === null) throw new DomainError({ code: 'deployment_not_found', id }, `There is no deployment ${id}.`);
  const place = { ...asked, project: source.project, environment: link.environment(source) };
  const keys = keysOf({ request: place, idempotencyKey, fingerprint: link.fingerprint }, options.idempotencyTtlSeconds);
  const earlier = await findReplay(options.database, keys, asked);
  if (earlier !== null) return repeated(options.database, earlier);
  if (expectedRevision !== null && expectedRevision !== source.revision) {
    throw new DomainError(
      { code: 'revision_mismatch', current: source.revision },
      `The deployment is at revision ${source.revision} by now; read it again.`,
    );
  }
  return options.create({ request: await link.request(source), idempotencyKey, requestId, fingerprint: link.fingerprint });
}

export interface LinkedDeployments {
  /**
   * Creates a deployment that goes back from one that succeeded to an earlier version. Raises what the domain's
   * `rollback` raises, what creating raises, `deployment_not_found` and `revision_mismatch`.
   */
  rollback(command: RollbackCommand): Promise<Created>;
  /** Creates a deployment of the same version in another environment; raises likewise. */
  promote(command: PromoteCommand): Promise<Created>;
}

export function createLinkedDeployments(options: LinkedOptions): LinkedDeployments {
  const { database } = options;
  return {
    rollback: (command) =>
      createLinked(options, command, {
        environment: (source) => source.environment,
        fingerprint: { rollbackOf: command.id, version: command.version, ...command.asked },
        request: async (source) => {
          const { version } = command;
          const [earlier, successor] = await Promise.all([
            findRollbackTarget(database, source, version),
            findSuccessor(database, source),
          ]);
          return rollback(source, command.asked, { version, earlier, successor });
        },
      }),
    promote: (command) =>
      createLinked(options, command, {
        environment: () => command.environment,
        fingerprint: { promotedFrom: command.id, environment: command.environment, ...command.asked },
        request: (source) => promotion(source, command.asked, command.environment),
      }),
  };
}
