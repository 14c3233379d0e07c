import type { Deployment } from '@deptracker/domain';
import { type Database, listEvents } from '@deptracker/store';

export interface CommentsOptions {
  /** The revision up to which comments are owed already. */
  readonly after: number;
  /** Event types that the ticket gets a comment for. */
  readonly commentOn: ReadonlySet<string>;
  /** Whether the ticket shows the deployment's status; one that the workflow has no way to is told of in words. */
  readonly arrived: boolean;
}

const EVENTS_PAGE = 200;

/** Revisions of the events that the ticket gets a comment for, up to the deployment as it was read. */
export async function ticketComments(database: Database, deployment: Deployment, options: CommentsOptions): Promise<number[]> {
  const { after, commentOn, arrived } = options;
  if (arrived && commentOn.size === 0) return [];
  const page = await listEvents(database, deployment.id, { after, limit: EVENTS_PAGE });
  const events = page.filter(({ revision }) => revision <= deployment.revision);
  const untold = arrived ? undefined : events.findLast(({ revision, data }) => revision > 1 && data.to !== undefined);
  return events.filter((event) => event === untold || commentOn.has(event.type)).map(({ revision }) => revision);
}
