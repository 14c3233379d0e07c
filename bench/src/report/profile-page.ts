import type { Profiled } from '../profile.js';
import { short } from './figures.js';
import type { Machine } from './results.js';
import type { Share } from './self-times.js';

const LARGEST = 10;

const table = (what: string, shares: readonly Share[]): string =>
  [`| ${what} | of the CPU time |`, '| --- | --- |', ...shares.slice(0, LARGEST).map(({ name, share }) => `| \`${name}\` | ${(share * 100).toFixed(1)} % |`)].join('\n');

/** A profile as a page: the ten largest functions and parts. */
export function profilePage({ functions, parts, perSecond, errors }: Profiled, about: { readonly at: string; readonly commit: string; readonly machine: Machine }): string {
  const { cpu, cores, node } = about.machine;
  return `# Where the time of a create goes

Written by \`make bench-profile\`: self time of the API's main thread while creates saturate it over 64 connections (V8's sampling profiler, one sample
a millisecond; idle time left out). ${short(perSecond)} creates/s under the profiler, ${errors} errors; ${cores} cores (${cpu}), Node ${node}; ${about.commit}, ${about.at}.

## By function

${table('function', functions)}

## By part

${table('package, module of Node, or V8 itself', parts)}
`;
}
