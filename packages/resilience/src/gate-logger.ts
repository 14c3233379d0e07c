import type { Logger } from '@deptracker/runtime';

/** The part of the logger that is used here. */
export type GateLogger = Pick<Logger, 'info' | 'warn'>;
