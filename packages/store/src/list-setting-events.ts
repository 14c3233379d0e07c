import type { SettingKind } from './change-notice.js';
import type { Queryable } from './database.js';
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

/** Where a page ended: the list goes on with what is older. `at` is ISO-8601 UTC with Postgres's microseconds. */
export interface SettingEventPosition {
  readonly at: string;
  readonly id: string;
}

// The session's time zone must not show: a cursor may come back to another process.
const POSITION = `to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position`;

/** A page of the history of settings, newest first. */
export async function listSettingEvents(
  db: Queryable,
  filter: SettingEventFilter,
  { after, limit }: { readonly after: SettingEventPosition | null; readonly limit: number },
): Promise<{ readonly events: readonly RecordedSettingEvent[]; readonly next: SettingEventPosition | null }> {
  const values: unknown[] = [limit + 1];
  const bound = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    ...(filter.subjectKind === undefined ? [] : [`subject_kind = ${bound(filter.subjectKind)}`]),
    ...(filter.subjectId === undefined ? [] : [`subject_id = ${bound(filter.subjectId)}`]),
    ...(filter.actor === undefined ? [] : [`actor = ${bound(filter.actor)}`]),
    ...(after === null ? [] : [`(at, id) < (${bound(after.at)}::timestamptz, ${bound(after.id)}::uuid)`]),
  ];
  const rows = await db.query<RecordedSettingEvent & { position: string }>(
    `SELECT id, subject_kind AS "subjectKind", subject_id AS "subjectId", revision, type, actor, data,
       request_id AS "requestId", at, ${POSITION}
     FROM setting_events ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
     ORDER BY at DESC, id DESC LIMIT $1`,
    values,
  );
  const events = rows.slice(0, limit);
  const last = events.at(-1);
  return { events, next: rows.length > limit && last !== undefined ? { at: last.position, id: last.id } : null };
}
