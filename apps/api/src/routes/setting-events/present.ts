import type { RecordedSettingEvent } from '@deptracker/store';
import { iso } from '../../http/iso.js';

interface Recorded {
  readonly changes?: Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>;
}

function presentChanges(changes: NonNullable<Recorded['changes']>): object {
  return Object.fromEntries(Object.entries(changes).map(([field, { from, to }]) => [field, { from: from ?? null, to: to ?? null }]));
}

/** An event of the settings' history as the API shows it. */
export function presentSettingEvent(event: RecordedSettingEvent): object {
  const { changes } = event.data as Recorded;
  return {
    id: event.id,
    subjectKind: event.subjectKind,
    subjectId: event.subjectId,
    revision: event.revision,
    type: event.type,
    actor: event.actor,
    changes: changes === undefined ? null : presentChanges(changes),
    subject: changes === undefined ? event.data : null,
    at: iso(event.at),
  };
}
