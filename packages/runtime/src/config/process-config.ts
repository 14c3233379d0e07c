import { hostname } from 'node:os';
import { FAILPOINT_VARIABLES } from './failpoint-variables.js';
import { duration, integer } from './number-variables.js';
import { oneOf, text } from './text-variables.js';

/** What every process reads. `defaultPort` is the process's own. */
export function processConfig(defaultPort: number) {
  return {
    PORT: integer({
      description: 'Port that the process listens on (jira-worker: 8081, slack-worker: 8082, metrics-cron: 8083).',
      default: String(defaultPort),
      max: 65_535,
    }),
    HOST: text({ description: 'Address that the process listens on; 127.0.0.1 under make run.', default: '0.0.0.0' }),
    LOG_LEVEL: oneOf(['error', 'warn', 'info', 'debug'], { description: 'Least level of log lines.', default: 'info' }),
    NODE_ENV: oneOf(['production', 'development', 'test'], {
      description: 'Kind of installation; libraries read it too.',
      default: 'production',
    }),
    SHUTDOWN_TIMEOUT: duration({
      description: 'How long a process may take to finish what it does after SIGTERM; then it ends hard.',
      default: '25s',
    }),
    WATCHDOG_TIMEOUT: duration({
      description: 'A process that gets nothing done for so long ends with SIGKILL, to be started anew by what runs it.',
      default: '60s',
      minMs: 1_000,
    }),
    INSTANCE_ID: text({
      description: 'Name of this process among its replicas, in logs and heartbeats.',
      default: `${hostname()}-${process.pid}`,
      shownDefault: 'host name and process id',
      example: 'api-1',
    }),
    ...FAILPOINT_VARIABLES,
  } as const;
}
