import Joi from 'joi';
import { SETTING_KINDS, type SettingEventFilter } from '@deptracker/store';
import { count, parameter } from '../fields.js';
import { id, named, orNull, revision, shown, text, time } from '../shown.js';

export interface SettingEventsQuery extends SettingEventFilter {
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of GET /events. */
export const settingEventsQuery: Joi.ObjectSchema<SettingEventsQuery> = Joi.object<SettingEventsQuery>({
  subjectKind: parameter(20).valid(...SETTING_KINDS),
  subjectId: parameter(200).description('The key or id of what was changed.'),
  actor: parameter(254).custom((address: string) => address.toLowerCase()).description('The e-mail address of who made the change.'),
  limit: count(1, 200).default(50),
  cursor: parameter(500).description('`nextCursor` of the page before, with the same filters.'),
});

const CHANGE = shown({ from: Joi.any(), to: Joi.any() });

/** An event as `presentSettingEvent` shows it. */
export const settingEvent: Joi.ObjectSchema = named('SettingEvent', shown({
  id,
  subjectKind: Joi.string().valid(...SETTING_KINDS),
  subjectId: text.description('The key or id of what was changed.').example('approvals.ttl'),
  revision: revision.description('Its revision after the change.'),
  type: text.example('configuration.updated'),
  actor: orNull(text).description('As they said themselves; null where they did not.').example('alice@example.com'),
  changes: orNull(Joi.object().pattern(Joi.string(), CHANGE)).description('By field, of an update; else null.'),
  subject: orNull(Joi.object().unknown(true)).description('The whole, of what was created or deleted; else null.'),
  at: time,
}));
