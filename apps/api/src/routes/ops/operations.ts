import Joi from 'joi';
import type { Description } from '../operation.js';
import { orNull, shown, text, time } from '../shown.js';

const COMPONENT = Joi.string().valid('up', 'degraded', 'down');
const OVERALL = Joi.string().valid('ok', 'degraded', 'down');

const REPORT = {
  status: OVERALL,
  service: text.example('api'),
  version: text,
  draining: Joi.boolean().description('About to end: takes no new work.'),
} as const;

const HEALTH = shown({
  ...REPORT,
  components: Joi.object().pattern(Joi.string(), COMPONENT).example({ postgres: 'up', redis: 'up' }),
});

const ROW = shown({
  component: text.example('postgres'),
  critical: Joi.boolean().description('Without it no work can be done.'),
  status: COMPONENT,
  message: orNull(text),
  lastChecked: time,
  responseTimeMs: Joi.number().min(0),
  details: Joi.object().unknown(true),
});

const READY = shown({ status: Joi.string().valid('ready', 'not_ready'), service: text, reason: orNull(text) });

const about = (path: string, operationId: string, summary: string): Omit<Description, 'answers'> => ({
  method: 'get', path, mount: 'root', operationId, tag: 'Operations', summary, example: {},
});

/** What the runtime's router answers for every process: described here, answered by `opsRouter`. */
export const opsDescriptions: readonly Description[] = [
  {
    ...about('/health', 'getHealth', 'Whether the API can do its work'),
    answers: {
      200: { description: 'It can, perhaps with something less important missing.', schema: HEALTH },
      503: { description: 'Something is down that it cannot do without.', schema: HEALTH },
    },
  },
  {
    ...about('/health/live', 'getLiveness', 'Whether the process runs'),
    description: 'Depends on nothing.',
    answers: { 200: { description: 'It does.', schema: shown({ status: Joi.string().valid('ok'), service: text, version: text }) } },
  },
  {
    ...about('/health/ready', 'getReadiness', 'Whether the process takes work'),
    answers: { 200: { description: 'It does.', schema: READY }, 503: { description: 'Not now.', schema: READY } },
  },
  {
    ...about('/health/detailed', 'getHealthDetails', 'A row per component'),
    answers: {
      200: {
        description: 'The rows.',
        schema: shown({ ...REPORT, uptimeSeconds: Joi.number().integer().min(0), components: Joi.array().items(ROW) }),
      },
    },
  },
  {
    ...about('/metrics', 'getMetrics', 'Figures for Prometheus'),
    answers: { 200: { description: 'In the text format.', schema: text, contentType: 'text/plain' } },
  },
];
