import { type Database, countRollups, markRollups } from '@deptracker/store';
import type { Task } from '../task.js';

export interface RollupsTaskOptions {
  readonly database: Database;
  readonly schedule: string;
}

const LONGEST_SLICE_S = 86_400;
const SHORTEST_SLICE_S = 60;

/** So far behind, in seconds, a transaction must have been left open. */
const HELD_BACK_S = 900;

/**
 * Adds what happened since to the figures, slice by slice, each in a transaction of its own. What was missed is made up
 * for; a slice that is too much for one statement is divided.
 */
export function rollupsTask({ database, schedule }: RollupsTaskOptions): Task {
  return {
    name: 'rollups',
    schedule,
    run: async ({ isOver }) => {
      // Twice: the first one looks whether the last mark has settled, the second one at the mark that was just made.
      await markRollups(database);
      const behindSeconds = await markRollups(database);
      let maxSeconds = LONGEST_SLICE_S;
      let slices = 0;
      while (!isOver()) {
        try {
          const { counted, more } = await database.transaction((uow) => countRollups(uow, maxSeconds));
          if (counted) slices += 1;
          if (more) continue;
        } catch (error) {
          // Perhaps a day in which too much happened for one statement.
          if (maxSeconds <= SHORTEST_SLICE_S) throw error;
          maxSeconds = Math.max(SHORTEST_SLICE_S, maxSeconds / 4);
          continue;
        }
        if (behindSeconds !== null && behindSeconds > HELD_BACK_S) {
          throw new Error(`events are counted up to ${Math.round(behindSeconds)} s ago only: a transaction has been open since then`);
        }
        return { finished: true, changed: slices };
      }
      return { finished: false, changed: slices };
    },
  };
}
