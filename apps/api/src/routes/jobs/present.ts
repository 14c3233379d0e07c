import { PRIORITIES } from '@deptracker/domain';
import type { EffectAction, Job } from '@deptracker/store';
import { iso } from '../../http/iso.js';

const NAMES = new Map(Object.entries(PRIORITIES).map(([name, number]): [number, string] => [number, name]));

/** A job as the API shows it. */
export function presentJob(job: Job): object {
  return {
    id: job.id,
    kind: job.kind,
    target: job.target,
    priority: NAMES.get(job.priority),
    state: job.state,
    phase: job.phase,
    deploymentId: job.deploymentId,
    parentId: job.parentId,
    attempts: job.attempts,
    sends: job.sends,
    lookups: job.lookups,
    lastError: job.lastError,
    failingSince: iso(job.failingSince),
    nextAttemptAt: iso(job.nextAttemptAt),
    leaseUntil: iso(job.leaseUntil),
    externalId: job.externalId,
    createdAt: iso(job.createdAt),
    updatedAt: iso(job.updatedAt),
  };
}

function presentAction({ id, action, actor, reason, state, lastError, at }: EffectAction): object {
  return { id, action, actor, reason, state, lastError, at: iso(at) };
}

/** A job with what people did to it. */
export function presentJobWithHistory(job: Job, history: readonly EffectAction[]): object {
  return { ...presentJob(job), history: history.map(presentAction) };
}
