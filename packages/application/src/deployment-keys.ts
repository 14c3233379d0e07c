import { createHash } from 'node:crypto';
import { type Deployment, type DeploymentRequest, DomainError, canonicalJson } from '@deptracker/domain';
import { type Database, type DeploymentKey, type KeyOwner, bindKeys, findDeployment, findKeyOwners, freeExpiredKeys } from '@deptracker/store';
import { newborn } from './newborn.js';

interface Keyed {
  readonly request: Pick<DeploymentRequest, 'project' | 'environment' | 'source' | 'externalId'>;
  readonly idempotencyKey: string | null;
  readonly fingerprint: unknown;
}

/** Keys are older than links: a request without one has the hash that it had before there were any. */
function withoutNoLinks(fingerprint: unknown): unknown {
  if (typeof fingerprint !== 'object' || fingerprint === null) return fingerprint;
  const isNoLink = ([name, value]: [string, unknown]): boolean => ['rollbackOf', 'promotedFrom'].includes(name) && value === null;
  return Object.fromEntries(Object.entries(fingerprint).filter((entry) => !isNoLink(entry)));
}

/** The keys by which a request is known again: the caller's own, and the natural one where it has an external id. */
export function keysOf({ request, idempotencyKey, fingerprint }: Keyed, ttlSeconds: number): DeploymentKey[] {
  if (idempotencyKey === null && request.externalId === null) return [];
  const bodyHash = createHash('sha256').update(canonicalJson(withoutNoLinks(fingerprint))).digest('base64url');
  const natural = [request.source, request.externalId, request.project, request.environment];
  return [
    ...(idempotencyKey === null ? [] : [{ kind: 'idempotency' as const, key: idempotencyKey, bodyHash, ttlSeconds }]),
    ...(request.externalId === null
      ? []
      : [{ kind: 'natural' as const, key: JSON.stringify(natural), bodyHash, ttlSeconds: null }]),
  ];
}

/** What of a request can be edited later: a replay takes it from the repeated request, the rest from the row. */
type Editable = Pick<DeploymentRequest, 'description' | 'links' | 'metadata'>;

/** The first answer again, under the policy of then. `asked` is what was asked then: the keys' hash says so. */
async function asCreated(database: Database, id: string, { description, links, metadata }: Editable): Promise<Deployment> {
  const now = await findDeployment(database, id);
  if (now === null) throw new DomainError({ code: 'deployment_not_found', id }, `There is no deployment ${id}.`);
  const { required, eligible, requesterMayApprove, expiresAt } = now.approval;
  const waits = required > 0;
  const status = waits ? 'pending' : 'not_required';
  const approval = { status, required, eligible, requesterMayApprove, expiresAt, decisions: [] } as const;
  return newborn({ ...now, description, links, metadata }, { ...now, status: waits ? 'pending' : 'approved', approval });
}

/**
 * What the owner of our keys was answered at first; null where nobody has them. Who won them decides: the same request
 * is answered again, another one is refused with `key_reused`.
 */
export async function findReplay(database: Database, keys: readonly DeploymentKey[], asked: Editable): Promise<Deployment | null> {
  if (keys.length === 0) return null;
  const owners: readonly KeyOwner[] = await findKeyOwners(database, keys);
  if (owners.length === 0) return null;
  if (owners.some((owner) => owner.expired)) {
    await freeExpiredKeys(database, keys);
    return null;
  }
  const [first] = owners as [KeyOwner];
  for (const owner of owners) {
    const mine = keys.find((key) => key.kind === owner.kind);
    if (mine?.bodyHash !== owner.bodyHash || owner.deploymentId !== first.deploymentId) {
      const what = owner.kind === 'idempotency' ? 'Idempotency-Key' : 'combination of source, externalId, project and environment';
      throw new DomainError(
        { code: 'key_reused', key: owner.kind },
        `This ${what} was used for another request (deployment ${owner.deploymentId}); use a new one for a new request.`,
      );
    }
  }
  // A further key of the same request is bound to what it was answered with: it may not be used for another one.
  const unbound = keys.filter((key) => owners.every((owner) => owner.kind !== key.kind));
  if (unbound.length > 0) await bindKeys(database, first.deploymentId, unbound);
  return asCreated(database, first.deploymentId, asked);
}
