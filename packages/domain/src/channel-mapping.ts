import { closenessOf, fitsPattern } from './name-pattern.js';

/** Sends the messages of deployments whose project and environment fit to a channel. */
export interface ChannelMapping {
  readonly id: string;
  /** Names, or patterns with `*`. */
  readonly project: string;
  readonly environment: string;
  readonly channelId: string;
}

type Pair = Pick<ChannelMapping, 'project' | 'environment'>;

interface Criterion {
  /** Why the one that comes later does. */
  readonly reason: string;
  /** Below 0 where `a` comes first. */
  readonly compare: (a: Pair, b: Pair) => number;
}

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

function closer(part: keyof Pair): Criterion[] {
  const of = (pair: Pair) => closenessOf(pair[part]);
  return [
    { reason: `the chosen one names the ${part} exactly`, compare: (a, b) => Number(of(b).exact) - Number(of(a).exact) },
    {
      reason: `the chosen one's ${part} has more characters before its first *`,
      compare: (a, b) => of(b).beginning - of(a).beginning,
    },
    {
      reason: `the chosen one's ${part} has more characters besides *`,
      compare: (a, b) => of(b).literal - of(a).literal,
    },
  ];
}

/**
 * What decides between two mappings, one after the other. No two mappings have the same pair, so the last two criteria
 * always tell them apart: the order is total, and the same whichever name is asked for.
 */
const CRITERIA: readonly Criterion[] = [
  ...closer('project'),
  ...closer('environment'),
  { reason: "they are equally specific, and the chosen one's project comes first by its characters", compare: (a, b) => byText(a.project, b.project) },
  { reason: "they are equally specific, and the chosen one's environment comes first by its characters", compare: (a, b) => byText(a.environment, b.environment) },
];

function deciding(a: Pair, b: Pair): Criterion | undefined {
  return CRITERIA.find(({ compare }) => compare(a, b) !== 0);
}

/** Orders mappings, the most specific first. */
export function bySpecificity(a: Pair, b: Pair): number {
  return deciding(a, b)?.compare(a, b) ?? 0;
}

export function fits({ project, environment }: Pair, of: Pair): boolean {
  return fitsPattern(project, of.project) && fitsPattern(environment, of.environment);
}

/** Why `lost` comes after `chosen`. */
export function whyLater(chosen: Pair, lost: Pair): string {
  return deciding(chosen, lost)?.reason ?? 'it is the same';
}
