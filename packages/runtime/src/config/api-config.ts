import { FRONT_VARIABLES } from './front-config.js';
import { byteSize, duration, integer } from './number-variables.js';
import { oneOf } from './text-variables.js';

/** What only the API reads. */
export const apiConfig = {
  AUTH_MODE: oneOf(['none'], {
    description: 'How callers prove who they are; none is the only mode yet.',
    default: 'none',
  }),
  BODY_LIMIT: byteSize({ description: 'Largest request body.', default: '256kb' }),
  ...FRONT_VARIABLES,
  BATCH_BODY_LIMIT: byteSize({ description: 'Largest request body of POST /deployments/batch.', default: '4mb' }),
  GATE_MAX_WAITING: integer({
    description: 'Callers that may wait at the gates at once, per process.',
    default: '1000',
    max: 100_000,
  }),
  IDEMPOTENCY_TTL: duration({ description: 'How long an Idempotency-Key is remembered.', default: '24h', minMs: 1000 }),
  DEFAULT_APPROVALS_REQUIRED: integer({
    description: 'Approvers that a deployment needs in an environment without a policy; 0 asks nobody. The default of the configuration approvals.required.',
    default: '1',
    max: 20,
  }),
  DEFAULT_APPROVAL_TTL: duration({
    description: 'How long people have to decide, without a policy. The default of approvals.ttl.',
    default: '24h',
    minMs: 1000,
  }),
  DEFAULT_DEPLOYMENT_TIMEOUT: duration({
    description: 'How long a rollout may take, without a policy. The default of deployments.timeout.',
    default: '2h',
    minMs: 1000,
  }),
} as const;
