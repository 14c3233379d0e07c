import { type Operation, operation } from '../operation.js';
import { get, queue, running } from './handlers.js';
import { queueStats, running as runningAnswer, runningQuery, stats, statsQuery } from './schema.js';

/** `/stats` and what is below it. */
export const statsOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/stats',
    operationId: 'getStats',
    tag: 'Stats',
    summary: 'How deliveries went',
    description:
      'Counts, rates and latencies of a span, in all and by the hour or day (UTC). Each event counts where it happened: a ' +
      'deployment that was created on Monday and succeeded on Tuesday is created on Monday and succeeded on Tuesday. ' +
      '`approved` and `approvalWait` are of decisions by people; `rolloutDuration` is from the start of a rollout to its ' +
      'success, failure or time-out.',
    query: statsQuery,
    answers: { 200: { description: 'The figures.', schema: stats } },
    example: { query: { interval: 'day', project: 'user-service', environment: 'production' } },
    handle: get,
  }),
  operation({
    method: 'get',
    path: '/stats/environments',
    operationId: 'getRunning',
    tag: 'Stats',
    summary: 'What runs where',
    description: 'Of each project the version that succeeded last in an environment and was not rolled back.',
    query: runningQuery,
    answers: { 200: { description: 'The projects.', schema: runningAnswer } },
    example: { query: { environment: 'production' } },
    handle: running,
  }),
  operation({
    method: 'get',
    path: '/stats/queue',
    operationId: 'getQueueStats',
    tag: 'Stats',
    summary: 'What is owed now',
    description: 'How much is due, waits or fails, per target. `GET /jobs` lists it.',
    answers: { 200: { description: 'The figures.', schema: queueStats } },
    example: {},
    handle: queue,
  }),
];
