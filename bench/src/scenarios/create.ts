import { closedLoop } from '../load/closed-loop.js';
import { openLoop } from '../load/open-loop.js';
import { createRequests } from './requests.js';
import type { Scenario } from './scenario.js';

const SLICE_S = 5;

const saturation = (connections: number): Scenario => ({
  name: `create-${connections}`,
  title: `create, as many as it takes, ${connections} connections`,
  ...(connections < 100 ? { quick: true } : {}),
  prepare: async ({ contender: { urls } }) => (seconds) => closedLoop({ urls, connections, seconds, requests: createRequests() }),
});

interface Offer {
  readonly perSecond: number;
  readonly seconds: number;
}

const offered = ({ perSecond, seconds }: Offer): Pick<Scenario, 'seconds' | 'warmSeconds' | 'baselineRounds' | 'prepare'> => ({
  seconds,
  warmSeconds: 4,
  baselineRounds: 1,
  prepare: async ({ contender: { urls } }) => (length) =>
    openLoop({ url: urls[0], connections: 1_000, perSecond, seconds: length, requests: createRequests(), sliceSeconds: SLICE_S }),
});

export const CREATE: readonly Scenario[] = [
  saturation(64),
  saturation(1_000),
  { name: 'create-1200', title: 'create, 1,200/s offered over 1,000 connections', quick: true, rounds: 5, ...offered({ perSecond: 1_200, seconds: 15 }) },
  {
    name: 'create-1200-long',
    title: 'create, 1,200/s offered over 1,000 connections for five minutes',
    builds: ['product'],
    rounds: 1,
    ...offered({ perSecond: 1_200, seconds: 300 }),
  },
  { name: 'create-4800', title: 'create, 4,800/s offered over 1,000 connections', rounds: 5, ...offered({ perSecond: 4_800, seconds: 15 }) },
];
