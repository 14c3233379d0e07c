import Joi from 'joi';
import { TALLIED } from '@deptracker/domain';
import { EFFECT_TARGETS, GRAINS, type Grain } from '@deptracker/store';
import { count, moment, parameter } from '../fields.js';
import { id, named, orNull, shown, text, time } from '../shown.js';

export interface StatsQuery {
  readonly from?: Date;
  readonly to?: Date;
  readonly interval: Grain;
  readonly project?: string;
  readonly environment?: string;
}

/** The query of GET /stats. */
export const statsQuery: Joi.ObjectSchema<StatsQuery> = Joi.object<StatsQuery>({
  from: moment.description('The hour or day (UTC) that this lies in is the first one; 30 days before `to`, or one day for hours.'),
  to: moment.description('The hour or day that this lies in is the last one, unless it just begins; now where it is not given.'),
  interval: parameter(10).valid(...GRAINS).default('day').description('At most 400 days, or 31 days by the hour.'),
  project: parameter(200),
  environment: parameter(200),
});

const counter = Joi.number().integer().min(0);
const share = orNull(Joi.number().min(0).max(1));
const seconds = orNull(Joi.number().min(0));

const durations = named('Durations', shown({
  samples: counter,
  average: seconds,
  p50: seconds,
  p95: seconds,
}).description('Seconds; percentiles are exact to 5 %. Null without samples.'));

const COUNTS = Object.fromEntries(Object.keys(TALLIED).map((name) => [name, counter]));

const FIGURES = {
  ...COUNTS,
  successRate: share.description('Of the rollouts that succeeded, failed or timed out.'),
  changeFailureRate: share.description('Of the same: failed, timed out or rolled back.'),
  approvalWait: durations,
  rolloutDuration: durations,
};

/** What GET /stats answers. */
export const stats: Joi.ObjectSchema = named('Stats', shown({
  from: time,
  to: time,
  interval: Joi.string().valid(...GRAINS),
  totals: shown({
    ...FIGURES,
    deploymentsPerDay: orNull(Joi.number().min(0)).description('Rollouts that succeeded, per day of the span that has passed.'),
  }),
  series: Joi.array().items(named('StatsPoint', shown({ at: time, ...FIGURES }))),
  freshAsOf: orNull(time).description('What happened later is not counted yet. Null where nothing is.'),
}));

export interface RunningQuery {
  readonly environment: string;
  readonly limit: number;
}

/** The query of GET /stats/environments. */
export const runningQuery: Joi.ObjectSchema<RunningQuery> = Joi.object<RunningQuery>({
  environment: parameter(200).required(),
  limit: count(1, 1000).default(200),
});

/** What GET /stats/environments answers. */
export const running: Joi.ObjectSchema = named('Running', shown({
  environment: text,
  projects: Joi.array().items(shown({
    project: text,
    version: text,
    deploymentId: id,
    requestedBy: orNull(text),
    succeededAt: time,
  })).description('By name of the project.'),
  total: counter.description('Projects that run there, also beyond `limit`.'),
}));

/** What GET /stats/queue answers. */
export const queueStats: Joi.ObjectSchema = named('QueueStats', shown({
  targets: Joi.array().items(shown({
    target: Joi.string().valid(...EFFECT_TARGETS),
    due: counter.description('Their time has come, or they are being worked on.'),
    waiting: counter.description('For their next attempt.'),
    unknown: counter.description('An answer is lost and looked for.'),
    failing: counter.description('Of all these: failed since they last succeeded.'),
    held: counter,
    dead: counter,
    oldestDueSeconds: Joi.number().min(0),
    oldestFailingSeconds: Joi.number().min(0),
  })),
}));
