import type { Gatherer } from '@deptracker/reconcile';
import { type Database, gatherDigest } from '@deptracker/store';
import { DIGEST_SIZE } from '@deptracker/views';

/** A notice is not sent by itself: what is due for its channel is gathered into one digest. */
export function createNoticeGatherer(database: Database): Gatherer {
  return {
    gather: (effect) => database.transaction((uow) => gatherDigest(uow, effect.destination, DIGEST_SIZE)),
  };
}
