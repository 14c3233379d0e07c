import type { Position } from '@deptracker/store';
import { isInstant } from '../http/instant.js';
import { asUuid } from './fields.js';

/** A position that the database will understand; a cursor may come from anybody. */
export function asPosition([createdAt, id]: readonly unknown[]): Position | null {
  return isInstant(createdAt) && typeof id === 'string' && asUuid(id) !== null ? { createdAt, id } : null;
}
