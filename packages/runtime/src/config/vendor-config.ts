import { duration, integer } from './number-variables.js';

/** When calls to a vendor that is down are left out. */
export const breakerConfig = {
  CIRCUIT_BREAKER_INTERVAL: duration({
    description: 'Time over which failures are counted.',
    default: '60s',
    minMs: 100,
  }),
  CIRCUIT_BREAKER_MAX_REQUESTS: integer({
    description: 'Calls in that time below which the breaker stays closed.',
    default: '10',
    min: 1,
  }),
  CIRCUIT_BREAKER_TIMEOUT: duration({ description: 'How long an open breaker waits before it tries.', default: '30s' }),
} as const;

/** How long a worker holds an effect. */
export const leaseConfig = {
  LEASE_MS: integer({
    description: 'Milliseconds that a worker holds an effect; three times the vendor time-out or more.',
    default: '60000',
    min: 100,
  }),
} as const;
