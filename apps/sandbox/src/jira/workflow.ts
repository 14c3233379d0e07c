/** A status of the workflow; `category` is Jira's status category key. */
export interface Status {
  readonly id: string;
  readonly name: string;
  readonly category: 'new' | 'indeterminate' | 'done';
}

/** A step to a status. */
export interface Transition {
  readonly id: string;
  readonly name: string;
  readonly to: Status;
}

const TODO: Status = { id: '10000', name: 'To Do', category: 'new' };
const IN_PROGRESS: Status = { id: '10001', name: 'In Progress', category: 'indeterminate' };
const DONE: Status = { id: '10002', name: 'Done', category: 'done' };
const STATUSES = [TODO, IN_PROGRESS, DONE];

const START: Transition = { id: '21', name: 'Start progress', to: IN_PROGRESS };
const FINISH: Transition = { id: '31', name: 'Done', to: DONE };

const NEXT: Readonly<Record<string, readonly Transition[]>> = {
  [TODO.id]: [START, FINISH],
  [IN_PROGRESS.id]: [FINISH],
  [DONE.id]: [],
};

/** Where a new issue stands. */
export const INITIAL_STATUS_ID = TODO.id;

/** The status with this id; the ledger holds only ids of this workflow. */
export function statusById(id: string): Status {
  return STATUSES.find((status) => status.id === id) ?? TODO;
}

/** The transitions that Jira offers from a status. */
export function transitionsFrom(statusId: string): readonly Transition[] {
  return NEXT[statusId] ?? [];
}
