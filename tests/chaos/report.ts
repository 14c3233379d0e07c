import type { RunResult } from './run-seed.js';
import { NO_UNKNOWNS, addUnknowns } from './unknowns.js';

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** One line of what a seed came to. */
export function lineOf({ seed, schedule, problems, deployments, duplicates, unknowns, ms, settledMs }: RunResult): string {
  const { found, sentAgain, held, dead } = unknowns;
  const what = schedule.faults.map((fault) => ('slot' in fault ? `${fault.kind} ${fault.slot}` : 'link' in fault ? `${fault.mode.kind} ${fault.link}` : fault.kind)).join(', ');
  const verdict = problems.length === 0 ? 'ok' : `${problems.length} PROBLEMS`;
  const unknown = `unknown ${found + sentAgain + held + dead} (found ${found}, sent again ${sentAgain}, held ${held}, dead ${dead})`;
  return `seed ${seed}: ${verdict}, ${seconds(ms)} s (settled ${seconds(settledMs)} s after the faults), ${deployments} deployments, ${unknown}, closed duplicates ${duplicates} [${what}]`;
}

/** What all seeds came to. */
export function summaryOf(results: readonly RunResult[]): string {
  const unknowns = results.reduce((sum, one) => addUnknowns(sum, one.unknowns), NO_UNKNOWNS);
  const timings = results.flatMap(({ history }) => history.timings);
  const total = (pick: (one: RunResult) => number): number => results.reduce((sum, one) => sum + pick(one), 0);
  const failed = results.filter(({ problems }) => problems.length > 0);
  const settled = results.map(({ settledMs }) => settledMs);
  const answered = timings.filter(({ status }) => status > 0 && status < 500).length;
  return [
    `${results.length} seeds, ${failed.length} failed${failed.length === 0 ? '' : ` (${failed.map(({ seed }) => seed).join(', ')})`}`,
    `  ${seconds(total(({ ms }) => ms) / Math.max(1, results.length))} s a seed; settled after the faults: median ${seconds(percentile(settled, 0.5))} s, worst ${seconds(percentile(settled, 1))} s`,
    `  ${total(({ deployments }) => deployments)} deployments; ${timings.length} requests: ${answered} answered, ${timings.length - answered} failed, ${timings.filter(({ ms }) => ms > 1_000).length} slower than 1 s`,
    `  unknown outcomes: found ${unknowns.found}, sent again ${unknowns.sentAgain}, held ${unknowns.held}, dead ${unknowns.dead}, open ${unknowns.open}; duplicates closed ${total(({ duplicates }) => duplicates)}`,
  ].join('\n');
}
