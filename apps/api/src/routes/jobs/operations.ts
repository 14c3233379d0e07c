import { type Operation, operation } from '../operation.js';
import { actor } from '../request-headers.js';
import { page } from '../shown.js';
import { discard, get, list, replay } from './handlers.js';
import { jobId } from './job-id.js';
import { discardBody, job, jobWithHistory, jobsQuery, replayBody } from './schema.js';

const ID = '01a1f9c1-2b60-7a41-8d7e-53f2c1b7a9d4';

/** `/jobs`, `/jobs/:id` and what people do to one. */
export const jobOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/jobs',
    operationId: 'listJobs',
    tag: 'Jobs',
    summary: 'List what is owed and not done',
    description: 'Effects that are due, waiting, running, unknown, held or dead, oldest first. All filters that are given must hold.',
    query: jobsQuery,
    answers: { 200: { description: 'A page.', schema: page(job) } },
    example: { query: { target: 'jira', priority: 'default', limit: 20 } },
    handle: list,
  }),
  operation({
    method: 'get',
    path: '/jobs/:id',
    operationId: 'getJob',
    tag: 'Jobs',
    summary: 'Get a job',
    description: 'Whatever its state, with what people did to it.',
    params: { id: jobId },
    answers: { 200: { description: 'The job.', schema: jobWithHistory } },
    example: { params: { id: ID } },
    handle: get,
  }),
  operation({
    method: 'post',
    path: '/jobs/:id/replay',
    operationId: 'replayJob',
    tag: 'Jobs',
    summary: 'Try a job again now',
    description:
      'It is due at once and has all of its attempts again. What may have been applied is looked for first, and sent once ' +
      'more only after a whole schedule of look-ups found nothing. Repeating the request is harmless: a job that is due ' +
      'stays as it is.',
    params: { id: jobId },
    headers: { actor },
    body: replayBody,
    answers: { 200: { description: 'The job, due by now.', schema: jobWithHistory } },
    problems: ['job-not-replayable'],
    example: { params: { id: ID }, headers: { 'X-Actor': 'alice@example.com' }, body: { reason: 'The bot is back in the channel' } },
    handle: replay,
  }),
  operation({
    method: 'post',
    path: '/jobs/:id/discard',
    operationId: 'discardJob',
    tag: 'Jobs',
    summary: 'Give a job up for good',
    description:
      'Nothing wakes it again, also no later change of its deployment, and it counts as no trouble any more. What stands ' +
      'outside stays as it is. Repeating the request is harmless.',
    params: { id: jobId },
    headers: { actor },
    body: discardBody,
    answers: { 200: { description: 'The job, discarded.', schema: jobWithHistory } },
    problems: ['job-not-discardable'],
    example: { params: { id: ID }, headers: { 'X-Actor': 'alice@example.com' }, body: { reason: 'The channel was archived' } },
    handle: discard,
  }),
];
