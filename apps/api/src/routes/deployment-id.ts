import type { Request } from 'express';
import { DomainError } from '@deptracker/domain';
import { asUuid } from './fields.js';

/** There is no deployment of this id. */
export function noDeployment(id: string): DomainError {
  return new DomainError({ code: 'deployment_not_found', id }, `There is no deployment ${id}.`);
}

/** The id in the request's address; what cannot be an id is not found either. */
export function deploymentId(request: Request): string {
  const text = String(request.params['id']);
  const id = asUuid(text);
  if (id === null) throw noDeployment(text.slice(0, 100));
  return id;
}
