/** Every failpoint, and where it stands. */
export const FAILPOINTS = {
  before_commit: 'everything is written, the commit is about to be asked for',
  after_commit: 'committed, nobody was told yet',
  after_notify: 'the other processes were told of the change',
  before_offer: 'committed, the jobs are not in Redis',
  after_take: 'effects are marked as queued, their jobs are not in Redis',
  after_claim: 'the lease of an effect is taken, nothing was asked of the vendor',
  after_intent: 'the intent is committed, the creating request is not sent',
  after_vendor_request: 'the vendor has answered a creating request, nothing is written',
  after_update_request: 'the vendor has answered an update, nothing is written',
  during_look_up: 'a look-up has claimed its rows, the vendor was not asked',
  after_look_up: 'a look-up has its answer, nothing is written',
  before_write_back: 'the outcome of a run is about to be written',
  after_decision: 'a click is decided and committed, Slack has no acknowledgement',
  after_task: 'a task of metrics-cron has done its work, its row does not say so',
} as const;

export type FailpointName = keyof typeof FAILPOINTS;

const ACTIONS = ['SIGKILL', 'SIGSTOP', 'SIGTERM', 'throw'] as const;

/** What happens where: at one pass (the first is 1), or at each pass with a probability. */
export interface FailpointRule {
  readonly name: FailpointName;
  readonly action: (typeof ACTIONS)[number];
  readonly pass: number;
  readonly percent: number | null;
}

const RULE = /^(?<name>\w+):(?<action>\w+)(?:@(?<pass>[1-9]\d{0,5})|%(?<percent>\d{1,3}))?$/;

/** A failpoint rule that cannot be understood; `part` is the rule, the message says what is wrong with it. */
export class FailpointMistake extends Error {
  override readonly name = 'FailpointMistake';

  constructor(
    readonly part: string,
    why: string,
  ) {
    super(`${part}: ${why}`);
  }
}

function ruleOf(text: string): FailpointRule {
  const { name = '', action = '', pass, percent } = RULE.exec(text)?.groups ?? {};
  if (name === '') throw new FailpointMistake(text, 'a rule is point:action, point:action@pass or point:action%percent');
  const known = Object.keys(FAILPOINTS).find((one): one is FailpointName => one === name);
  if (known === undefined) throw new FailpointMistake(text, `the points are ${Object.keys(FAILPOINTS).join(', ')}`);
  const does = ACTIONS.find((one) => one === action);
  if (does === undefined) throw new FailpointMistake(text, `the actions are ${ACTIONS.join(', ')}`);
  const share = percent === undefined ? null : Number(percent);
  if (share !== null && share > 100) throw new FailpointMistake(text, 'percent is at most 100');
  return { name: known, action: does, pass: Number(pass ?? 1), percent: share };
}

/** Reads rules between commas; `seed:<number>` among them seeds the probabilities. Throws a `FailpointMistake`. */
export function parseFailpoints(text: string): { readonly rules: readonly FailpointRule[]; readonly seed: number } {
  const parts = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  const seeds = parts.filter((part) => /^seed:\d{1,9}$/.test(part));
  const rules = parts.filter((part) => !seeds.includes(part)).map(ruleOf);
  return { rules, seed: Number(seeds[0]?.slice('seed:'.length) ?? 1) };
}
