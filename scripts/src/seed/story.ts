import {
  type Change,
  type Deployment,
  type DeploymentRequest,
  type DomainEvent,
  type Edit,
  type Policy,
  type Status,
  admit,
  applyLimit,
  decide,
  edit,
  limit,
  rollBack,
  transition,
} from '@deptracker/domain';

/** An event with when it happened. */
export interface Told {
  readonly id: string;
  readonly event: DomainEvent;
  readonly at: number;
}

export interface Birth {
  readonly id: string;
  readonly request: DeploymentRequest;
  readonly policy: Policy;
  readonly channelId: string;
  readonly at: number;
}

function born({ id, request, policy, channelId, at }: Birth): Deployment {
  const { status, approval } = admit(policy, new Date(at));
  const createdAt = new Date(at);
  const { timeoutSeconds } = policy;
  return { ...request, id, revision: 1, status, approval, channelId, timeoutSeconds, createdAt, updatedAt: createdAt, startedAt: null, finishedAt: null };
}

/**
 * The life of one deployment. Each step goes through the domain's own rules, which raise an error for one that they do
 * not allow: so what is told here could have happened.
 */
export class Story {
  #deployment: Deployment;
  readonly #told: Told[] = [];
  readonly #eventId: (at: number) => string;

  constructor(birth: Birth, eventId: (at: number) => string) {
    this.#eventId = eventId;
    this.#deployment = born(birth);
    const { request, at } = birth;
    const unnamed = request.requestedBy === null && birth.policy.approvalsRequired > 0;
    const note = unnamed ? { note: 'No requester was given: nobody is excluded from approving.' } : {};
    const data = { request, to: this.#deployment.status, ...note };
    this.#keep([{ type: 'deployment.created', revision: 1, actor: request.requestedBy, data }], at);
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  get told(): readonly Told[] {
    return this.#told;
  }

  /** When it last changed. */
  get at(): number {
    return this.#deployment.updatedAt.getTime();
  }

  get status(): Status {
    return this.#deployment.status;
  }

  decide(actor: string, decision: 'approve' | 'reject', reason: string | null, at: number): void {
    this.#take(decide(this.#deployment, { decision, actor, reason }, new Date(at)), at);
  }

  move(to: Status, actor: string | null, at: number): void {
    this.#take(transition(this.#deployment, to, new Date(at), actor), at);
  }

  edit(change: Edit, actor: string | null, at: number): void {
    this.#take(edit(this.#deployment, change, new Date(at), actor), at);
  }

  /** Lets the limit of time that runs now pass, noticed `delayMs` later. */
  lapse(delayMs: number): void {
    const next = limit(this.#deployment);
    if (next === null) throw new Error(`No limit of time runs for a deployment that is ${this.status}.`);
    const at = next.at.getTime() + delayMs;
    this.#take(applyLimit(this.#deployment, new Date(at)), at);
  }

  /** `by` went back from this one and has succeeded. */
  rolledBack(by: Deployment): void {
    this.#take(rollBack(this.#deployment, by, by.updatedAt, null), by.updatedAt.getTime());
  }

  #take(change: Change, at: number): void {
    this.#deployment = change.deployment;
    this.#keep(change.events, at);
  }

  #keep(events: readonly DomainEvent[], at: number): void {
    for (const event of events) this.#told.push({ id: this.#eventId(at), event, at });
  }
}
