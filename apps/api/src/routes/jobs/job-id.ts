import { noJob } from '@deptracker/application';
import { uuid } from '../fields.js';
import type { PathParameter } from '../operation.js';

/** The id in the request's address; what cannot be an id is not found either. */
export const jobId: PathParameter<string> = {
  schema: uuid,
  description: 'The id of a job, as the list and the logs of the workers (`effect_id`) show it.',
  problem: 'job-not-found',
  missing: noJob,
};
