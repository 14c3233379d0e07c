import Joi from 'joi';
import { EFFECT_KINDS, type EffectKind } from '@deptracker/domain';
import { PHASES, type Phase } from '@deptracker/store';
import { count, moment, parameter, uuid } from '../fields.js';
import { id, named, orNull, shown, text, time } from '../shown.js';

const KINDS = Object.entries(EFFECT_KINDS).flatMap(([kind, target]) => (target === 'slack' ? [kind as EffectKind] : []));

export interface SlackMessagesQuery {
  readonly deployment?: string;
  readonly kind?: EffectKind;
  readonly channelId?: string;
  readonly phase?: Phase;
  readonly from?: Date;
  readonly to?: Date;
  readonly limit: number;
  readonly cursor?: string;
}

/** Runs after `from`, which stands before it in the schema. */
function afterFrom(to: Date, helpers: Joi.CustomHelpers<Date>): Date | Joi.ErrorReport {
  const [{ from }] = helpers.state.ancestors as [{ readonly from?: unknown }];
  return from instanceof Date && from >= to ? helpers.message({ custom: 'to must be later than from' }) : to;
}

/** The query of GET /slack-messages. */
export const slackMessagesQuery: Joi.ObjectSchema<SlackMessagesQuery> = Joi.object<SlackMessagesQuery>({
  deployment: uuid.description('Of this deployment.'),
  kind: parameter(40).valid(...KINDS),
  channelId: parameter(64).description('To this channel.').example('C0DEPLOYS'),
  phase: parameter(20).valid(...PHASES),
  from: moment.description('Owed since then or later.'),
  to: moment.custom(afterFrom).description('Owed before; later than `from`.'),
  limit: count(1, 200).default(50),
  cursor: parameter(500).description('`nextCursor` of the page before, with the same filters.'),
});

/** A message as `presentSlackMessage` shows it. */
export const slackMessage: Joi.ObjectSchema = named('SlackMessage', shown({
  id: id.description('Of what is owed.'),
  deploymentId: orNull(id).description('Null for a digest, which tells of several.'),
  kind: Joi.string().valid(...KINDS),
  channelId: text.example('C0DEPLOYS'),
  ts: orNull(text).description('Its id in the channel; null while it is not known to stand. A notice stands where its digest stands.').example('1795191545.753000'),
  threadTs: orNull(text).description('The message that it replies to.'),
  phase: Joi.string()
    .valid(...PHASES)
    .description('`unsent`: not yet. `sending`, `unknown`: it may stand, and is looked for. `held`: a person must look. `dead`: given up.'),
  lastError: orNull(text),
  owedAt: time.description('Since when it is owed; lists are sorted by this.'),
  postedAt: orNull(time),
  updatedAt: time,
}));
