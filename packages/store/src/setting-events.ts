import type { SettingKind } from './change-notice.js';
import type { UnitOfWork } from './database.js';
import { newId } from './new-id.js';

/** A fact about a setting: what was changed, by whom. */
export interface SettingEvent {
  readonly subjectKind: SettingKind;
  /** The key or id of what was changed. */
  readonly subjectId: string;
  /** Its revision after the change. */
  readonly revision: number;
  /** In the past tense, such as `project.updated`. */
  readonly type: `${SettingKind}.${string}`;
  /** An e-mail address; null where the caller did not say who they are. */
  readonly actor: string | null;
  /** `{ changes: { <field>: { from, to } } }` of an update, else the whole. */
  readonly data: object;
  readonly requestId: string | null;
}

/** Records the event in the unit of work that makes the change, and lets all processes know once it is committed. */
export async function recordSettingEvent(uow: UnitOfWork, event: SettingEvent): Promise<void> {
  const { subjectKind, subjectId, revision, type, actor, data, requestId } = event;
  await uow.query(
    `INSERT INTO setting_events (id, subject_kind, subject_id, revision, type, actor, data, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [newId(), subjectKind, subjectId, revision, type, actor, JSON.stringify(data), requestId],
  );
  uow.announce({ kind: subjectKind, id: subjectId, revision });
}
