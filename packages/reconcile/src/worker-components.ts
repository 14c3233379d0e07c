import type { Component, ComponentResult } from '@deptracker/runtime';
import type { Vendor, VendorName } from '@deptracker/resilience';
import { type Database, countBacklog, postgresComponent, summarizeBacklog } from '@deptracker/store';
import type { WorkerState } from './worker.js';

export interface WorkerComponentsOptions {
  readonly target: VendorName;
  readonly database: Database;
  readonly vendor: Vendor;
  readonly state: () => WorkerState;
  /** Why the vendor does not take our credentials, if it does not. */
  readonly refused: () => string | null;
}

const BREAKER_STATUS = { closed: 'up', half_open: 'degraded', open: 'down' } as const;
/** What a worker's health is made of: Postgres (without it nothing works), Redis, its vendor and the backlog. */
export function workerComponents({ target, database, vendor, state, refused }: WorkerComponentsOptions): Component[] {
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
      check: (): Promise<ComponentResult> => {
        const { breaker, retryAfterMs } = vendor.state();
        const message = refused();
        if (breaker !== 'closed') {
          const details = { retryAfterMs };
          return Promise.resolve({ status: BREAKER_STATUS[breaker], message: `circuit breaker ${breaker}`, details });
        }
        return Promise.resolve(message === null ? { status: 'up' } : { status: 'degraded', message });
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
