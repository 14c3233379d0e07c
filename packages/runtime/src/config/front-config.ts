import { duration, integer } from './number-variables.js';
import { origins, routeLimits } from './web-variables.js';

/** How the API meets callers before any route does; part of `apiConfig`. */
export const FRONT_VARIABLES = {
  RATE_LIMIT_PER_IP: integer({
    description: 'Requests per minute from one client address, over all replicas; 0 sets no limit.',
    default: '1000',
    max: 1_000_000,
  }),
  RATE_LIMIT_ROUTES: routeLimits({
    description: 'Requests per minute from one client address to single routes, besides RATE_LIMIT_PER_IP.',
    default: '',
    example: 'POST /api/deployments=600,GET /api/deployments/:id=300',
  }),
  SHED_EVENT_LOOP_DELAY: duration({
    description: 'Requests are sent away (503) while the process is so late with what it has to do.',
    default: '500ms',
  }),
  SHED_POOL_WAITING: integer({
    description: 'Requests are sent away (503) while so many wait for a database connection; 0 sends none away.',
    default: '1000',
    max: 1_000_000,
  }),
  TRUST_PROXY_HOPS: integer({
    description: 'Proxies of ours in front, whose word in X-Forwarded-For is taken for the client address.',
    default: '0',
    max: 10,
  }),
  CORS_ORIGINS: origins({
    description: 'Web pages of which origins may use the API from a browser.',
    default: '',
    example: 'https://deployments.example.com',
  }),
} as const;
