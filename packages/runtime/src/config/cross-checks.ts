import { formatDuration } from './duration.js';

/** A rule that binds two variables; it is checked where a process reads both and both are valid. */
interface CrossCheck {
  readonly names: readonly [string, string];
  /** The mistake, to be shown as it is; null where the rule holds. */
  readonly mistake: (first: unknown, second: unknown) => string | null;
}

/** A rule of two numbers. */
function numbers(mistake: (first: number, second: number) => string | null): CrossCheck['mistake'] {
  return (first, second) => (typeof first === 'number' && typeof second === 'number' ? mistake(first, second) : null);
}

function leaseOutlasts(timeoutName: string): CrossCheck {
  return {
    names: ['LEASE_MS', timeoutName],
    mistake: numbers((lease, timeout) =>
      lease >= 3 * timeout
        ? null
        : `LEASE_MS (${lease} ms) must be three times ${timeoutName} (${formatDuration(timeout)}) or more, ` +
          "so that a breaker's trial and the request itself end before the lease: raise the one or lower the other.",
    ),
  };
}

export const CROSS_CHECKS: readonly CrossCheck[] = [
  {
    names: ['DB_MAX_IDLE_CONNS', 'DB_MAX_OPEN_CONNS'],
    mistake: numbers((idle, open) =>
      idle <= open
        ? null
        : `DB_MAX_IDLE_CONNS (${idle}) must not exceed DB_MAX_OPEN_CONNS (${open}): lower the one or raise the other.`,
    ),
  },
  {
    names: ['FAILPOINTS', 'NODE_ENV'],
    mistake: (failpoints, kind) =>
      failpoints === undefined || kind !== 'production'
        ? null
        : 'FAILPOINTS kills processes and is refused in production: remove it, or set NODE_ENV to test.',
  },
  {
    names: ['HEADERS_TIMEOUT', 'REQUEST_TIMEOUT'],
    mistake: numbers((headers, request) =>
      headers <= request
        ? null
        : `HEADERS_TIMEOUT (${formatDuration(headers)}) must not exceed REQUEST_TIMEOUT (${formatDuration(request)}), which counts the head too: lower the one or raise the other.`,
    ),
  },
  leaseOutlasts('JIRA_TIMEOUT'),
  leaseOutlasts('SLACK_TIMEOUT'),
];

const MULTIPLEXED = 'is not supported, because ioredis sends all commands over one connection; remove it.';

/** Names that people try and that have no counterpart here, with what to do instead: better refused than ignored. */
export const REFUSED: Readonly<Record<string, string>> = {
  REDIS_POOL_SIZE: MULTIPLEXED,
  REDIS_MIN_IDLE_CONNS: MULTIPLEXED,
  ENABLE_PPROF: 'is not supported; start node with --cpu-prof or --inspect instead, and remove it.',
};
