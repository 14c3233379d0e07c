import Joi from 'joi';
import { EFFECT_KINDS, type EffectKind, JOB_STATES, OPEN_JOB_STATES, PRIORITIES, type Priority, type Target } from '@deptracker/domain';
import { EFFECT_TARGETS, PHASES } from '@deptracker/store';
import { count, line, parameter, prose, uuid } from '../fields.js';
import { id, named, orNull, shown, text, time } from '../shown.js';

const LISTED_STATES = [...OPEN_JOB_STATES, 'discarded'] as const;
const KINDS = Object.keys(EFFECT_KINDS);
const PRIORITY_NAMES = Object.keys(PRIORITIES);

export interface JobsQuery {
  readonly state?: (typeof LISTED_STATES)[number];
  readonly target?: Target;
  readonly priority?: Priority;
  readonly kind?: EffectKind;
  readonly deployment?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /jobs. */
export const jobsQuery: Joi.ObjectSchema<JobsQuery> = Joi.object<JobsQuery>({
  state: parameter(20).valid(...LISTED_STATES).description('Everything that is not done where it is not given.'),
  target: parameter(20).valid(...EFFECT_TARGETS),
  priority: parameter(20).valid(...PRIORITY_NAMES),
  kind: parameter(40).valid(...KINDS),
  deployment: uuid.description('The id of a deployment.'),
  limit: count(1, 200).default(50),
  cursor: parameter(200),
});

export interface ReplayBody {
  readonly reason: string | null;
}

/** The body of POST /jobs/:id/replay. */
export const replayBody: Joi.ObjectSchema<ReplayBody> = Joi.object<ReplayBody>({
  reason: prose(500).default(null).description('The history shows it.'),
})
  .required()
  .label('the body')
  .meta({ component: 'JobReplay' });

export interface DiscardBody {
  readonly reason: string;
}

/** The body of POST /jobs/:id/discard. */
export const discardBody: Joi.ObjectSchema<DiscardBody> = Joi.object<DiscardBody>({
  reason: line(500).required().description('The history shows it.'),
})
  .required()
  .label('the body')
  .meta({ component: 'JobDiscard' });

const STATE = Joi.string().valid(...JOB_STATES).description(
  'due, waiting for its next attempt, running, unknown (an answer is lost and looked for), held and dead (a person must ' +
  'act), discarded, gathered (a notice that its digest carries), done.',
);

const counter = Joi.number().integer().min(0);

const MEMBERS = {
  id,
  kind: Joi.string().valid(...KINDS),
  target: Joi.string().valid(...EFFECT_TARGETS),
  priority: Joi.string().valid(...PRIORITY_NAMES),
  state: STATE,
  phase: Joi.string().valid(...PHASES).description('How far the effect is, as the workers have it.'),
  deploymentId: orNull(id),
  parentId: orNull(id).description('The job that it belongs to: the message of a reply, the ticket of a comment, the digest of a notice.'),
  attempts: counter.description('Failures of its own since it last succeeded.'),
  sends: counter.description('Creating requests that went out and were not surely refused.'),
  lookups: counter.description('Look-ups that found nothing.'),
  lastError: orNull(text),
  failingSince: orNull(time),
  nextAttemptAt: orNull(time),
  leaseUntil: orNull(time),
  externalId: orNull(text).description('What it is known by outside.'),
  createdAt: time,
  updatedAt: time,
};

/** A job as `presentJob` shows it. */
export const job: Joi.ObjectSchema = named('Job', shown(MEMBERS));

const action = named('JobAction', shown({
  id,
  action: Joi.string().valid('replayed', 'discarded'),
  actor: orNull(text).description('Who did it, where they said so.').example('alice@example.com'),
  reason: orNull(text),
  state: STATE.description('What the job was before.'),
  lastError: orNull(text).description('The last error then.'),
  at: time,
}));

/** A single job, with what people did to it. */
export const jobWithHistory: Joi.ObjectSchema = named('JobWithHistory', shown({
  ...MEMBERS,
  history: Joi.array().items(action).description('What people did to it, oldest first.'),
}));
