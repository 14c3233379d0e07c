import type { FaultRule, FaultSettings } from './fault-rule.js';
import { matchesMethod } from './methods.js';

/** A rule with what it has done so far. */
export interface CountedRule {
  readonly rule: FaultRule;
  /** Calls that the rule was about. */
  matched: number;
  /** Calls that it spoiled. */
  fired: number;
}

/** What is to happen to one call: at most one kind of failure, and the longest latency of all rules that fire. */
export interface Fault {
  readonly latencyMs: number;
  readonly rule: FaultRule | null;
}

/** The faults that are switched on. */
export class Faults {
  private counted: CountedRule[] = [];
  private lagMs = 0;

  /** How far the search index is behind, in ms. */
  get searchLagMs(): number {
    return this.lagMs;
  }

  get rules(): readonly CountedRule[] {
    return this.counted;
  }

  /** How many faults are on: the rules, and the search's lag where no rule asks for so much. */
  get count(): number {
    const ofRules = this.counted.map(({ rule }) => rule.searchLagMs ?? 0);
    return this.counted.length + (this.lagMs > Math.max(0, ...ofRules) ? 1 : 0);
  }

  /** Replaces all rules; their counters start anew. */
  set(settings: Exclude<FaultSettings, { readonly errors: readonly string[] }>): void {
    this.counted = settings.rules.map((rule) => ({ rule, matched: 0, fired: 0 }));
    this.lagMs = settings.searchLagMs;
  }

  /** Counts a call and says what happens to it. Where several rules fire, the first with a kind wins. */
  next(method: string, channel: string | undefined): Fault {
    let latencyMs = 0;
    let failing: FaultRule | null = null;
    for (const one of this.counted) {
      const { rule } = one;
      if (!matchesMethod(rule.method, method) || (rule.channel ?? channel) !== channel) continue;
      one.matched += 1;
      const due = one.matched % (rule.every ?? 1) === 0 && one.fired < (rule.times ?? Infinity);
      if (!due || (rule.kind !== undefined && failing !== null)) continue;
      one.fired += 1;
      latencyMs = Math.max(latencyMs, rule.latencyMs ?? 0);
      if (rule.kind !== undefined) failing = rule;
    }
    return { latencyMs, rule: failing };
  }
}
