import { duration, integer } from './number-variables.js';
import { secretUrl, text } from './text-variables.js';

/** Where Postgres is and how many connections one process may hold. */
export const databaseConfig = {
  DATABASE_URL: secretUrl({
    description: 'The Postgres database that holds the record.',
    schemes: ['postgres', 'postgresql'],
    example: 'postgres://user:password@127.0.0.1:5432/deptracker',
  }),
  DB_MAX_OPEN_CONNS: integer({ description: 'Most connections per process.', default: '10', min: 1, max: 1000 }),
  DB_MAX_IDLE_CONNS: integer({
    description: 'Connections that a process keeps while idle; at most DB_MAX_OPEN_CONNS.',
    default: '2',
    max: 1000,
  }),
  DB_CONN_MAX_LIFETIME: duration({
    description: 'Age at which a connection is replaced.',
    default: '30m',
    minMs: 1000,
  }),
} as const;

/** Where lists and figures may be read. */
export const readConfig = {
  DATABASE_READ_URL: secretUrl({
    description: 'A streaming replica of DATABASE_URL that serves lists and figures; it may be away. The primary does where it is not set.',
    schemes: ['postgres', 'postgresql'],
    optional: true,
    example: 'postgres://user:password@replica:5432/deptracker',
  }),
  DATABASE_READ_MAX_AGE: duration({
    description: 'A replica that may be out of date by more is not asked.',
    default: '5s',
    minMs: 2000,
  }),
} as const;

/** Where Redis is. */
export const redisConfig = {
  REDIS_URL: secretUrl({
    description: 'The Redis that runs the jobs and counts rate limits; losing its data loses nothing.',
    schemes: ['redis', 'rediss'],
    example: 'redis://:password@127.0.0.1:6379',
  }),
} as const;

/** The Bull queues, the same for whoever fills and whoever works them. */
export const queueConfig = {
  QUEUE_WINDOW: duration({
    description: 'Jobs are queued for about as long as this keeps the workers busy, at most 2,000 of each target; the rest waits in Postgres.',
    default: '30s',
    minMs: 1000,
  }),
  QUEUE_PREFIX: text({
    description: 'First part of all keys in Redis; two installations on one Redis need two.',
    default: 'deptracker',
    pattern: /^[A-Za-z0-9_{}-]{1,40}$/,
    expects: 'up to 40 letters, digits, "_", "-", "{" or "}"',
  }),
} as const;
