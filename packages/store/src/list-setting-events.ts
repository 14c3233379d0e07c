import type { SettingKind } from './change-notice.js';
import type { Queryable } from './database.js';
import { type Position, asInstant } from './position.js';
import type { SettingEvent } from './setting-events.js';

/** A setting event as it was recorded. */
export interface RecordedSettingEvent extends SettingEvent {
  readonly id: string;
  readonly at: Date;
}

/** Filters; all that are given must hold. */
export interface SettingEventFilter {
  readonly subjectKind?: SettingKind;
  readonly subjectId?: string;
  readonly actor?: string;
}

/** A page of the history of settings, newest first. */
export async function listSettingEvents(
  db: Queryable,
  filter: SettingEventFilter,
  { after, limit }: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly events: readonly RecordedSettingEvent[]; readonly next: Position | null }> {
  const values: unknown[] = [limit + 1];
  const bound = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    ...(filter.subjectKind === undefined ? [] : [`subject_kind = ${bound(filter.subjectKind)}`]),
    ...(filter.subjectId === undefined ? [] : [`subject_id = ${bound(filter.subjectId)}`]),
    ...(filter.actor === undefined ? [] : [`actor = ${bound(filter.actor)}`]),
    ...(after === null ? [] : [`(at, id) < (${bound(after.createdAt)}::timestamptz, ${bound(after.id)}::uuid)`]),
  ];
  const rows = await db.query<RecordedSettingEvent & { position: string }>(
    `SELECT id, subject_kind AS "subjectKind", subject_id AS "subjectId", revision, type, actor, data,
       request_id AS "requestId", at, ${asInstant('at')} AS position
     FROM setting_events ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
     ORDER BY at DESC, id DESC LIMIT $1`,
    values,
  );
  const events = rows.slice(0, limit);
  const last = events.at(-1);
  return { events, next: rows.length > limit && last !== undefined ? { createdAt: last.position, id: last.id } : null };
}
