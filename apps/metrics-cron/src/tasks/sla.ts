import { type Database, type SlaTargets, measureSlaWindow } from '@deptracker/store';
import type { Task } from '../task.js';

export interface SlaTaskOptions {
  readonly database: Database;
  readonly schedule: string;
  readonly targets: SlaTargets;
  /** How far back the very first run measures, in milliseconds. */
  readonly lookbackMs: number;
}

const LONGEST_WINDOW_S = 3_600;
const SHORTEST_WINDOW_S = 60;

/**
 * Measures everything up to the slot, window by window. Where slots were missed, the windows that follow make up for
 * them, each an hour at most: nothing is skipped, and no statement grows with the time that was missed.
 */
export function slaTask({ database, schedule, targets, lookbackMs }: SlaTaskOptions): Task {
  return {
    name: 'sla',
    schedule,
    run: async ({ slot, isOver }) => {
      let maxSeconds = LONGEST_WINDOW_S;
      let windows = 0;
      while (!isOver()) {
        const options = { slot, maxSeconds, lookbackSeconds: lookbackMs / 1000, targets };
        try {
          const window = await database.transaction((uow) => measureSlaWindow(uow, options));
          if (window === null) return { finished: true, changed: windows };
          windows += 1;
        } catch (error) {
          // Perhaps an hour in which too much happened for one statement.
          if (maxSeconds <= SHORTEST_WINDOW_S) throw error;
          maxSeconds = Math.max(SHORTEST_WINDOW_S, maxSeconds / 4);
        }
      }
      return { finished: false, changed: windows };
    },
  };
}
