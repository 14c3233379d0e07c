import { closedLoop } from '../load/closed-loop.js';
import { openLoop } from '../load/open-loop.js';
import type { Requests } from '../load/load-request.js';
import { createRequest, getRequest, makeDeployments, updateRequest } from './requests.js';
import type { Scenario } from './scenario.js';

/** No multiple of 20, so that each of them comes at every place of the mix: what was changed is read. */
const IDS = 499;
/** What a busy installation does all day, and what leaves the machine something to do beside. */
const SOAK = { connections: 64, perSecond: 100, sliceSeconds: 60 } as const;

/** Of 20 requests 14 are reads, of which one is a list, 5 creates and one an update. */
function mixOf(ids: readonly string[]): Requests {
  return Array.from({ length: 20 * IDS }, (_, turn) => {
    const id = ids[turn % ids.length] ?? '';
    const place = turn % 20;
    if (place === 0) return updateRequest(id);
    if (place % 4 === 1) return createRequest(Math.floor(turn / 4));
    return place === 10 ? { method: 'GET', path: `/api/deployments?project=service-${turn % 50}&limit=20` } : getRequest(id);
  });
}

export const MIXED: readonly Scenario[] = [
  {
    name: 'mixed',
    title: '70 % reads, 25 % creates, 5 % updates, 64 connections',
    quick: true,
    extra: true,
    rounds: 1,
    prepare: async ({ contender }) => {
      const requests = mixOf(await makeDeployments(contender, IDS));
      return (seconds) => closedLoop({ urls: contender.urls, connections: 64, seconds, requests });
    },
  },
  {
    name: 'soak',
    title: 'an hour of the same mix, 100/s offered over 64 connections',
    builds: ['product'],
    extra: true,
    rounds: 1,
    seconds: 3_600,
    prepare: async ({ contender }) => {
      const requests = mixOf(await makeDeployments(contender, IDS));
      return (seconds) => openLoop({ url: contender.urls[0], ...SOAK, seconds, requests });
    },
  },
];
