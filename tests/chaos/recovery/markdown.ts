import { NO_UNKNOWNS, addUnknowns } from '../unknowns.js';
import type { Measured } from './measure.js';
import type { TableFault } from './table.js';

const HEAD = `| fault | promise | answers normal again: median, worst | owed work done: median, worst | answered | sent away (503) | failed | slow | unknown outcomes |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `${seconds(sorted[Math.floor((sorted.length - 1) / 2)] ?? 0)}, ${seconds(sorted.at(-1) ?? 0)}`;
}

function unknownsOf(rounds: readonly Measured[]): string {
  const sum = rounds.reduce((all, { unknowns }) => addUnknowns(all, unknowns), NO_UNKNOWNS);
  const said = [`${sum.found} found`, `${sum.sentAgain} sent again`, `${sum.held} held`, `${sum.dead} dead`, `${sum.open} open`].filter((text) => !text.startsWith('0 '));
  return said.length === 0 ? '0' : said.join(', ');
}

/** One line of the table, over all rounds of a fault. */
export function lineOf({ name, promise }: TableFault, rounds: readonly Measured[]): string {
  const sum = (pick: (one: Measured) => number): number => rounds.reduce((all, one) => all + pick(one), 0);
  const cells = [
    name,
    promise,
    spread(rounds.map(({ answersMs }) => answersMs)),
    spread(rounds.map(({ owedMs }) => owedMs)),
    sum(({ answered }) => answered),
    sum(({ sentAway }) => sentAway),
    sum(({ failed }) => failed),
    sum(({ slow }) => slow),
    unknownsOf(rounds),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The whole table. */
export const tableOf = (lines: readonly string[]): string => [HEAD, ...lines].join('\n');
