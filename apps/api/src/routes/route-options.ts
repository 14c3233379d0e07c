import type { RequestHandler, Response } from 'express';
import type { ChangeOptions, CreateCommand, Created, Defaults, Known, LinkedDeployments } from '@deptracker/application';
import type { Offers } from '@deptracker/reconcile';
import type { Cache, Database, Fresh, Reader, ShownDeployment } from '@deptracker/store';
import type { Templates } from '@deptracker/views';
import type { Tagged } from '../http/send-tagged.js';
import type { Settings } from '../settings.js';
import type { WaitingRoom } from './gate/waiting-room.js';

/** What the routes of the API work with. */
export interface RouteOptions {
  readonly database: Database;
  /** A deployment as it is now; null where there is none. Concurrent reads share a statement. */
  readonly shown: (id: string) => Promise<ShownDeployment | null>;
  /** For lists and figures, which may be a little out of date. */
  readonly reader: Reader;
  /** First pages of the list of deployments, by question. */
  readonly firstPages: Cache<Tagged>;
  readonly create: (command: CreateCommand) => Promise<Created>;
  readonly linked: LinkedDeployments;
  readonly change: ChangeOptions;
  /** What is in force where nothing more specific is said. */
  readonly defaults: () => Promise<Defaults>;
  /** What new deployments are judged by; whoever changes the catalog makes it forget. */
  readonly known: Known;
  /** Seconds for which an Idempotency-Key is remembered. */
  readonly idempotencyTtlSeconds: number;
  readonly gates: Pick<WaitingRoom, 'look'>;
  readonly offers: Pick<Offers, 'offer'>;
  /** The templates in force; whoever changes one forgets them. */
  readonly templates: Fresh<Templates>;
  readonly settings: Settings;
  /** Reads a JSON body; only routes that take one have it. */
  readonly jsonBody: RequestHandler;
  /** Likewise, for a body that may be large. */
  readonly largeJsonBody: RequestHandler;
  /** Logs what is our fault within an answer that is not a problem as a whole. */
  readonly logFault: (response: Response, error: unknown) => void;
  /** The API's description, as JSON. */
  readonly document: () => Promise<string>;
}
