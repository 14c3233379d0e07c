import { DomainError } from '@deptracker/domain';
import {
  type ByHand,
  type Database,
  type EffectAction,
  type Job,
  type QueueMs,
  type QueuedEffect,
  type UnitOfWork,
  discardEffect,
  findJob,
  listEffectActions,
  replayEffect,
} from '@deptracker/store';

export interface JobOptions {
  readonly database: Pick<Database, 'transaction'>;
  /** Whether the caller will queue the jobs itself; asked anew for each replay. */
  readonly queueMs: () => QueueMs;
}

/** A job and what people did to it, this time included. */
export interface JobAfter {
  readonly job: Job;
  readonly history: readonly EffectAction[];
}

/** There is no effect of this id. */
export function noJob(id: string): DomainError {
  return new DomainError({ code: 'job_not_found', id }, `There is no job ${id}.`);
}

async function found(uow: UnitOfWork, id: string): Promise<Job> {
  const job = await findJob(uow, id);
  if (job === null) throw noJob(id);
  return job;
}

/** Why nothing can be done with a job by itself. */
function why({ state, parentId, kind }: Job): string {
  if (kind === 'slack.notice' && parentId !== null) return `it shares the fate of its digest, job ${parentId}`;
  switch (state) {
    case 'running':
      return 'a worker is working on it right now';
    case 'discarded':
      return 'it was discarded for good';
    case 'done':
      return 'it is done';
    default:
      return `it is ${state}`;
  }
}

/**
 * Makes an effect due at once with all of its patience again; one that is due already stays as it is, so that repeating
 * this is harmless. Raises `job_not_found` and `job_not_replayable`.
 */
export function replayJob({ database, queueMs }: JobOptions, by: ByHand): Promise<JobAfter & { readonly effects: readonly QueuedEffect[] }> {
  return database.transaction(async (uow) => {
    const { target } = await found(uow, by.id);
    const replayed = await replayEffect(uow, by, queueMs()[target]);
    const job = await found(uow, by.id);
    if (replayed === null && job.state !== 'due' && job.state !== 'unknown') {
      throw new DomainError({ code: 'job_not_replayable', state: job.state }, `This job cannot be replayed: ${why(job)}.`);
    }
    return { job, history: await listEffectActions(uow, by.id), effects: replayed === null ? [] : [replayed] };
  });
}

/**
 * Gives an effect up for good. One that is discarded already stays as it is, with its first reason. Raises
 * `job_not_found` and `job_not_discardable`.
 */
export function discardJob({ database }: Pick<JobOptions, 'database'>, by: ByHand): Promise<JobAfter> {
  return database.transaction(async (uow) => {
    await found(uow, by.id);
    const discarded = await discardEffect(uow, by);
    const job = await found(uow, by.id);
    if (!discarded && job.state !== 'discarded') {
      throw new DomainError({ code: 'job_not_discardable', state: job.state }, `This job cannot be discarded: ${why(job)}.`);
    }
    return { job, history: await listEffectActions(uow, by.id) };
  });
}
