/** How an effect stands for whoever looks after deliveries. Exactly one holds. */
export const JOB_STATES = ['due', 'waiting', 'running', 'unknown', 'held', 'dead', 'discarded', 'gathered', 'done'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** States in which something is still to be done, by us or by a person. */
export const OPEN_JOB_STATES = ['due', 'waiting', 'running', 'unknown', 'held', 'dead'] as const satisfies readonly JobState[];
