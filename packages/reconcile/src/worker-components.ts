import type { Component, ComponentResult } from '@deptracker/runtime';
import { type Vendor, VendorError, type VendorName } from '@deptracker/resilience';
import { type Database, countBacklog, postgresComponent, summarizeBacklog } from '@deptracker/store';
import type { WorkerState } from './worker.js';

export interface WorkerComponentsOptions {
  readonly target: VendorName;
  readonly database: Database;
  readonly vendor: Vendor;
  readonly state: () => WorkerState;
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
}

const BREAKER_STATUS = { closed: 'up', half_open: 'degraded', open: 'down' } as const;
const PROBE_AGAIN_MS = 60_000;

/** Asks the vendor who we are: once when first looked at, and again each minute until it has accepted our credentials. */
function createCredentialCheck(probe: WorkerComponentsOptions['probe']): (signal: AbortSignal) => Promise<string | null> {
  let refused: string | null = 'credentials are not checked yet';
  let nextAt = 0;
  return async (signal) => {
    if (refused === null || performance.now() < nextAt) return refused;
    nextAt = performance.now() + PROBE_AGAIN_MS;
    try {
      await probe(signal);
      refused = null;
    } catch (error) {
      refused = error instanceof VendorError ? error.message : 'the check of the credentials failed';
    }
    return refused;
  };
}

/** What a worker's health is made of: Postgres (without it nothing works), Redis, its vendor and the backlog. */
export function workerComponents({ target, database, vendor, state, probe }: WorkerComponentsOptions): Component[] {
  const credentials = createCredentialCheck(probe);
  return [
    postgresComponent(database),
    {
      name: 'redis',
      critical: false,
      check: (): Promise<ComponentResult> => {
        const { redis } = state();
        const away = 'does not answer; effects run directly from Postgres';
        return Promise.resolve(redis === 'down' ? { status: 'degraded', message: away } : { status: 'up' });
      },
    },
    {
      name: target,
      critical: false,
      check: async (signal): Promise<ComponentResult> => {
        const { breaker, retryAfterMs } = vendor.state();
        if (breaker !== 'closed') {
          return { status: BREAKER_STATUS[breaker], message: `circuit breaker ${breaker}`, details: { retryAfterMs } };
        }
        const refused = await credentials(signal);
        return refused === null ? { status: 'up' } : { status: 'degraded', message: refused };
      },
    },
    {
      name: 'backlog',
      critical: false,
      check: async (): Promise<ComponentResult> => {
        const mine = (await countBacklog(database)).filter((row) => row.target === target);
        const { figures, complaint } = summarizeBacklog(mine);
        const details = { ...figures, running: state().running };
        return complaint === null ? { status: 'up', details } : { status: 'degraded', message: complaint, details };
      },
    },
  ];
}
