import type { JiraClient, JiraStatus, JiraTransition } from '@deptracker/jira';
import { type CallOptions, VendorError } from '@deptracker/resilience';
import type { TicketCategory } from '@deptracker/domain';

// Jira's categories in the order in which a workflow goes through them.
const ORDER: readonly string[] = ['new', 'indeterminate', 'done'];
/** Steps that one update may take towards a status that is not next door. */
const MAX_STEPS = 3;
// Until Jira refuses what is remembered, at most a day: workflows change rarely.
const REMEMBER_MS = 86_400_000;

/** The transition that leads into the category, or the longest step towards it; null where the workflow has none. */
export function chooseTransition(offered: readonly JiraTransition[], from: string, wanted: TicketCategory): JiraTransition | null {
  const rank = (category: string): number => ORDER.indexOf(category);
  const forward = offered
    .filter(({ to }) => rank(to.category) > rank(from) && rank(to.category) <= rank(wanted))
    .sort((a, b) => rank(b.to.category) - rank(a.to.category));
  return forward[0] ?? null;
}

/** Where a ticket is as far as we know; null where it was never moved or looked at. */
export type KnownStatus = JiraStatus | null;

/** Moves tickets through the workflow, with as few requests as it can: what the workflow offers is remembered. */
export interface Workflow {
  /** Moves the issue forward into the category; returns where it is then, which falls short where there is no way. */
  move(issueId: string, known: KnownStatus, wanted: TicketCategory, call: CallOptions): Promise<KnownStatus>;
}

function isCode(error: unknown, code: string): error is VendorError {
  return error instanceof VendorError && error.failure.code === code;
}

/** A concurrent transition of the same issue (409) passes: it is nobody's fault and uses up no attempt. */
function patient(error: unknown): unknown {
  if (!isCode(error, 'http_409')) return error;
  return new VendorError({ ...error.failure, fault: 'rate', retryAfterMs: 2_000 }, 'another transition is running');
}

interface Remembered<T> {
  readonly value: T;
  readonly until: number;
}

const remember = <T>(value: T): Remembered<T> => ({ value, until: performance.now() + REMEMBER_MS });
const recall = <T>(what: Remembered<T> | undefined): T | undefined =>
  what !== undefined && performance.now() < what.until ? what.value : undefined;

type Offered = (at: JiraStatus) => Promise<readonly JiraTransition[]>;

/** Creates the workflow of one project and issue type. */
export function createWorkflow(jira: JiraClient): Workflow {
  const steps = new Map<string, Remembered<readonly JiraTransition[]>>();
  /** Where a new ticket is: creating it does not tell. */
  let initial: Remembered<JiraStatus> | undefined;

  /** False where Jira refuses the step: somebody moved the issue, changed the workflow, or the step asks for more than we have. */
  async function take(issueId: string, at: JiraStatus, step: JiraTransition, call: CallOptions): Promise<boolean> {
    try {
      await jira.transition(issueId, step.id, call);
      return true;
    } catch (error) {
      if (!isCode(error, 'http_400')) throw patient(error);
      steps.delete(at.id);
      return false;
    }
  }

  /** Goes towards the category as far as there is a way. */
  async function walk(issueId: string, from: JiraStatus, wanted: TicketCategory, offered: Offered, call: CallOptions): Promise<JiraStatus> {
    let at = from;
    for (let count = 0; count < MAX_STEPS && at.category !== wanted; count += 1) {
      const chosen = chooseTransition(await offered(at), at.category, wanted);
      if (chosen === null || !(await take(issueId, at, chosen, call))) break;
      at = chosen.to;
    }
    return at;
  }

  return {
    move: async (issueId, known, wanted, call) => {
      // Whoever is new has nowhere to go.
      if ((known?.category ?? 'new') === wanted) return known;
      // First by what we believe, which asks nothing; where that does not lead there, by what Jira says.
      const believed = known ?? recall(initial) ?? null;
      const remembered: Offered = (at) => Promise.resolve(recall(steps.get(at.id)) ?? []);
      const reached = believed === null ? null : await walk(issueId, believed, wanted, remembered, call);
      if (reached?.category === wanted) return reached;
      const { status } = await jira.getIssue(issueId, ['status'], call);
      if (status === null) return reached;
      if (known === null && reached === believed && status.category === 'new') initial = remember(status);
      // Only for a status that the issue surely has: what another one offers would be taken for that of all tickets.
      const asked: Offered = async (at) => {
        const before = recall(steps.get(at.id));
        if (before !== undefined) return before;
        const transitions = await jira.getTransitions(issueId, call);
        steps.set(at.id, remember(transitions));
        return transitions;
      };
      return walk(issueId, status, wanted, asked, call);
    },
  };
}
