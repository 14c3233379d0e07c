import {
  type Change,
  type DecideCommand,
  type Deployment,
  type DeploymentRequest,
  DomainError,
  type Edit,
  type Status,
  applyLimit,
  decide,
  edit,
  owes,
  rollBack,
  transition,
} from '@deptracker/domain';
import {
  type Database,
  type Locked,
  type Outside,
  type QueueMs,
  type QueuedEffect,
  type UnitOfWork,
  lockDeployment,
  lockWithReplaced,
  oweEffects,
  rememberInbound,
  saveChange,
} from '@deptracker/store';

export interface ChangeOptions {
  readonly database: Database;
  /** Milliseconds that a notice waits for others; asked anew for each change, before its transaction. */
  readonly noticeDelayMs: () => Promise<number>;
  /** Whether the caller will queue the jobs itself; asked anew for each change. */
  readonly queueMs: () => QueueMs;
}

/** The options as they hold for one change. */
interface Terms {
  readonly noticeDelayMs: number;
  readonly queueMs: QueueMs;
}

/**
 * Opens the transaction of one change. What holds for it is asked for before: within, the question could wait for a
 * connection that other changes hold while they wait for the same.
 */
async function begin<T>({ database, noticeDelayMs, queueMs }: ChangeOptions, work: (uow: UnitOfWork, terms: Terms) => Promise<T>): Promise<T> {
  const terms = { noticeDelayMs: await noticeDelayMs(), queueMs: queueMs() };
  return database.transaction((uow) => work(uow, terms));
}

export interface Changed {
  readonly deployment: Deployment;
  /** As it was while the deployment was locked: what is outside is not changed from here. */
  readonly outside: Outside;
  /** Jobs that the caller is to queue now, after the commit. */
  readonly effects: readonly QueuedEffect[];
}

export interface ChangeContext {
  readonly requestId: string | null;
  /** The revision that the caller saw (If-Match); another one is `revision_mismatch`. Null does not compare. */
  readonly expectedRevision: number | null;
}

type Rule = (deployment: Deployment, now: Date) => Change;

async function changeLocked(
  uow: UnitOfWork,
  terms: Terms,
  id: string,
  context: ChangeContext,
  rule: Rule,
): Promise<Changed> {
  const locked = await lockDeployment(uow, id);
  if (locked === null) throw new DomainError({ code: 'deployment_not_found', id }, `There is no deployment ${id}.`);
  const { deployment: before, now } = locked;
  if (context.expectedRevision !== null && context.expectedRevision !== before.revision) {
    throw new DomainError(
      { code: 'revision_mismatch', current: before.revision },
      `The deployment is at revision ${before.revision} by now; read it again.`,
    );
  }
  return saveOwing(uow, terms, locked, rule(before, now), context.requestId);
}

/** Writes a change of a locked deployment, if it is one, with what it owes. */
async function saveOwing(uow: UnitOfWork, terms: Terms, { outside }: Locked, change: Change, requestId: string | null): Promise<Changed> {
  if (change.events.length === 0) return { deployment: change.deployment, outside, effects: [] };
  await saveChange(uow, change, requestId);
  const owed = change.events.flatMap((event) => owes(change.deployment, event));
  const latest = [...new Map(owed.map((one) => [one.mode === 'once' ? one.kind : `${one.kind}:${one.revision}`, one])).values()];
  const effects = await oweEffects(uow, {
    deploymentId: change.deployment.id,
    owed: latest,
    ...terms,
  });
  return { deployment: change.deployment, outside, effects };
}

/** Load → rule → save in one transaction. Raises what the rule raises, `deployment_not_found` and `revision_mismatch`. */
function change(options: ChangeOptions, id: string, context: ChangeContext, rule: Rule): Promise<Changed> {
  return begin(options, (uow, terms) => changeLocked(uow, terms, id, context, rule));
}

export interface UpdateCommand {
  readonly id: string;
  readonly status: Status | null;
  readonly edit: Edit;
  readonly actor: string | null;
  /** What the caller takes the deployment to be; what was approved is what is deployed. */
  readonly claims?: Partial<DeploymentRequest>;
}

/** Raises `immutable` where a claim differs from what was created. */
function assertSame(before: Deployment, claims: Partial<DeploymentRequest>): void {
  const fields = Object.entries(claims)
    .filter(([field, value]) => value !== undefined && value !== before[field as keyof DeploymentRequest])
    .map(([field]) => field);
  if (fields.length === 0) return;
  throw new DomainError(
    { code: 'immutable', fields },
    `What was created never changes: ${fields.join(', ')}. Another rollout is a new deployment.`,
  );
}

function updated(before: Deployment, command: UpdateCommand, now: Date): Change {
  assertSame(before, command.claims ?? {});
  const edited = edit(before, command.edit, now, command.actor);
  if (command.status === null || command.status === before.status) return edited;
  const moved = transition(edited.deployment, command.status, now, command.actor);
  return { deployment: moved.deployment, events: [...edited.events, ...moved.events] };
}

/** The deployment that `by` went back from is rolled back, in the same unit of work and moment as the success of `by`. */
async function rollBackReplaced(
  uow: UnitOfWork,
  terms: Terms,
  by: Deployment,
  { id, actor, requestId }: { readonly id: string; readonly actor: string | null; readonly requestId: string | null },
): Promise<readonly QueuedEffect[]> {
  const locked = await lockDeployment(uow, id);
  if (locked === null) return [];
  const { effects } = await saveOwing(uow, terms, locked, rollBack(locked.deployment, by, by.updatedAt, actor), requestId);
  return effects;
}

/**
 * Moves a deployment and edits it, both or neither; raises `immutable` where a claim differs. A status that it has
 * already is not an error and no event. A rollback that succeeds takes the deployment that it replaces along.
 */
export function updateDeployment(options: ChangeOptions, command: UpdateCommand, context: ChangeContext): Promise<Changed> {
  const { id, actor } = command;
  const { requestId } = context;
  return begin(options, async (uow, terms) => {
    const replaced = command.status === 'succeeded' ? await lockWithReplaced(uow, id) : null;
    const changed = await changeLocked(uow, terms, id, context, (before, now) => updated(before, command, now));
    if (replaced === null) return changed;
    const effects = await rollBackReplaced(uow, terms, changed.deployment, { id: replaced, actor, requestId });
    return { ...changed, effects: [...changed.effects, ...effects] };
  });
}

type DecideById = DecideCommand & { readonly id: string };

function decided(uow: UnitOfWork, terms: Terms, command: DecideById, context: ChangeContext): Promise<Changed> {
  const { id, ...decision } = command;
  return changeLocked(uow, terms, id, context, (before, now) => decide(before, decision, now));
}

/** Counts one person's decision; raises what the domain's `decide` raises. */
export function decideDeployment(options: ChangeOptions, command: DecideById, context: ChangeContext): Promise<Changed> {
  return begin(options, (uow, terms) => decided(uow, terms, command, context));
}

/**
 * Counts a decision that came as a click. `key` names the click: one that is delivered again is null and changes
 * nothing. A refused click is not remembered, so that its repetition is refused with the same words.
 */
export function decideByClick(
  options: ChangeOptions,
  command: DecideById & { readonly key: string },
  requestId: string | null,
): Promise<Changed | null> {
  const { key, ...decision } = command;
  return begin(options, async (uow, terms) => {
    if (!(await rememberInbound(uow, key))) return null;
    return decided(uow, terms, decision, { requestId, expectedRevision: null });
  });
}

/** Applies the limit of time that has passed, if one has; harmless to repeat. */
export function limitDeployment(options: ChangeOptions, id: string): Promise<Changed> {
  return change(options, id, { requestId: null, expectedRevision: null }, applyLimit);
}
