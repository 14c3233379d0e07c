import { DomainError } from '@deptracker/domain';
import { uuid } from './fields.js';
import type { PathParameter } from './operation.js';

/** There is no deployment of this id. */
export function noDeployment(id: string): DomainError {
  return new DomainError({ code: 'deployment_not_found', id }, `There is no deployment ${id}.`);
}

/** The id in the request's address; what cannot be an id is not found either. */
export const deploymentId: PathParameter<string> = {
  schema: uuid,
  description: 'The id that creating the deployment answered with.',
  problem: 'deployment-not-found',
  missing: noDeployment,
};
