import type { RequestHandler } from 'express';
import type { ChangeOptions, CreateCommand, Created } from '@deptracker/application';
import type { Offers } from '@deptracker/reconcile';
import type { Database } from '@deptracker/store';

/** What the routes of the API work with. */
export interface RouteOptions {
  readonly database: Database;
  readonly create: (command: CreateCommand) => Promise<Created>;
  readonly change: ChangeOptions;
  readonly offers: Pick<Offers, 'offer'>;
  /** Reads a JSON body; only routes that take one have it. */
  readonly jsonBody: readonly RequestHandler[];
  /** The API's description, as JSON. */
  readonly document: string;
}
