import type { Position } from '@deptracker/store';
import { asUuid } from '../fields.js';

const MICROSECONDS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d{3}Z$/;

/** A position that the database will understand; a cursor may come from anybody. */
export function asPosition([createdAt, id]: readonly unknown[]): Position | null {
  if (typeof createdAt !== 'string' || typeof id !== 'string' || asUuid(id) === null) return null;
  const upToMs = `${MICROSECONDS.exec(createdAt)?.[1] ?? ''}Z`;
  const moment = new Date(upToMs);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === upToMs ? { createdAt, id } : null;
}
