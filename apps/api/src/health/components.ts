import type { Offers } from '@deptracker/reconcile';
import type { Component, ComponentResult } from '@deptracker/runtime';
import { type Backlog, type ChangeFeed, type Database, type Heartbeat, postgresComponent, summarizeBacklog } from '@deptracker/store';

export interface ComponentOptions {
  readonly database: Database;
  readonly changes: Pick<ChangeFeed, 'connected' | 'trouble'>;
  readonly offers: Pick<Offers, 'state'>;
  readonly heartbeats: () => Promise<readonly Heartbeat[]>;
  readonly backlog: () => Promise<readonly Backlog[]>;
}

const WORKERS = ['jira-worker', 'slack-worker', 'metrics-cron'] as const;
const VENDORS = ['jira', 'slack'] as const;

/** A process that has not been seen for so long, in seconds, is not there. */
const SILENT_S = 30;

const alive = ({ ageSeconds }: Heartbeat): boolean => ageSeconds <= SILENT_S;

function redis(offers: ComponentOptions['offers']): Component {
  const away = 'does not answer; nothing is lost, the workers find in Postgres what is due';
  return {
    name: 'redis',
    critical: false,
    check: (): Promise<ComponentResult> =>
      Promise.resolve(offers.state().redis === 'up' ? { status: 'up' } : { status: 'down', message: away }),
  };
}

/** How changes by other processes are heard of. */
function heard(changes: ComponentOptions['changes']): Component {
  return {
    name: 'changes',
    critical: false,
    check: (): Promise<ComponentResult> => {
      const why = changes.trouble() ?? 'not connected yet';
      const message = `the connection that listens is down (${why}); changes are found by looking every few seconds`;
      return Promise.resolve(changes.connected() ? { status: 'up' } : { status: 'degraded', message });
    },
  };
}

function worker(service: string, heartbeats: ComponentOptions['heartbeats']): Component {
  return {
    name: service,
    critical: false,
    check: async (): Promise<ComponentResult> => {
      const all = (await heartbeats()).filter((beat) => beat.service === service);
      const instances = all.filter(alive).length;
      if (instances > 0) return { status: 'up', details: { instances } };
      const last = Math.min(...all.map(({ ageSeconds }) => ageSeconds));
      const when = Number.isFinite(last) ? `has not been seen for ${Math.round(last)} s` : 'has not been seen';
      return { status: 'down', message: `${when}; what it owes waits in Postgres`, details: { instances } };
    },
  };
}

/** From what the workers wrote about their breakers; the vendor itself is not called. */
function vendor(name: string, heartbeats: ComponentOptions['heartbeats']): Component {
  return {
    name,
    critical: false,
    check: async (): Promise<ComponentResult> => {
      const seen = (await heartbeats()).filter((beat) => beat.detail['vendor'] === name && alive(beat));
      const refused = seen.map(({ detail }) => detail['refused']).find((reason) => typeof reason === 'string');
      if (refused !== undefined) return { status: 'degraded', message: refused };
      const breakers = seen.map(({ detail }) => String(detail['breaker']));
      if (breakers.length === 0) return { status: 'degraded', message: 'not known, because no worker has told' };
      const open = breakers.filter((breaker) => breaker !== 'closed').length;
      if (open === 0) return { status: 'up', details: { breaker: 'closed' } };
      const status = open === breakers.length ? 'down' : 'degraded';
      return { status, message: `circuit breaker not closed in ${open} of ${breakers.length}`, details: { breaker: 'open' } };
    },
  };
}

function effects(backlog: ComponentOptions['backlog']): Component {
  return {
    name: 'effects',
    critical: false,
    check: async (): Promise<ComponentResult> => {
      const { figures: details, complaint } = summarizeBacklog(await backlog());
      return complaint === null ? { status: 'up', details } : { status: 'degraded', message: complaint, details };
    },
  };
}

/** What the API stands on. It can take work while Postgres answers; everything else only degrades it. */
export function apiComponents({ database, changes, offers, heartbeats, backlog }: ComponentOptions): Component[] {
  return [
    postgresComponent(database),
    heard(changes),
    redis(offers),
    ...WORKERS.map((service) => worker(service, heartbeats)),
    ...VENDORS.map((name) => vendor(name, heartbeats)),
    effects(backlog),
  ];
}
