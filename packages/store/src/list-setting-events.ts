import type { SettingKind } from './change-notice.js';
import type { Queryable } from './database.js';
import { all } from './deployment-filter.js';
import { type Position, asInstant } from './position.js';
import type { SettingEvent } from './setting-events.js';
import { type Looked, type Step, type Walked, cutPage, walkAll, walkedTo, walking } from './walk.js';

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

const POSITION = `${asInstant('at')} AS position`;

type Row = RecordedSettingEvent & Looked & { readonly position: string };

const COLUMN_OF = { subjectKind: 'subject_kind', subjectId: 'subject_id', actor: 'actor' } as const;
type Facet = keyof typeof COLUMN_OF;
const FACETS = Object.keys(COLUMN_OF) as Facet[];

/** The condition of the index of all; without it that index is not used. */
const OF_ALL = `id >= '00000000-0000-0000-0000-000000000000'`;

/** Facets that have an index together, newest first. */
function pathsOf({ subjectKind, subjectId, actor }: SettingEventFilter): (readonly Facet[])[] {
  const subject: readonly Facet[] = [...(subjectKind === undefined ? [] : ['subjectKind' as const]), ...(subjectId === undefined ? [] : ['subjectId' as const])];
  const paths = [subject, actor === undefined ? [] : (['actor'] as const)].filter((path) => path.length > 0);
  return paths.length === 0 ? [[]] : paths;
}

async function walkPath(db: Queryable, path: readonly Facet[], filter: SettingEventFilter, step: Step): Promise<Walked<Row>> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const equals = (facets: readonly Facet[]): string[] =>
    facets.filter((facet) => filter[facet] !== undefined).map((facet) => `${COLUMN_OF[facet]} = ${bind(filter[facet])}`);
  const along = [
    ...(path.length === 0 ? [OF_ALL] : equals(path)),
    ...(step.after === null ? [] : [`(at, id) < (${bind(step.after.createdAt)}::timestamptz, ${bind(step.after.id)}::uuid)`]),
  ];
  const fits = equals(FACETS.filter((facet) => !path.includes(facet)));
  const looked = `SELECT *, coalesce(${all(fits)}, false) AS fits FROM setting_events WHERE ${all(along)} ORDER BY at DESC, id DESC`;
  const rows = await db.query<Row>(
    `SELECT id, subject_kind AS "subjectKind", subject_id AS "subjectId", revision, type, actor, data, request_id AS "requestId", at,
       ${POSITION}, fits, last
     FROM ${walking(looked, step, fits.length === 0)} ORDER BY w.at DESC, w.id DESC`,
    values,
  );
  return walkedTo(rows, step.max, positionOf);
}

const positionOf = ({ position, id }: Row): Position => ({ createdAt: position, id });

/**
 * A page of the history of settings, newest first, and the position after which the next one goes on; null at the end. Where
 * of many rows very few fit, it may hold fewer than `limit` and still not be the last.
 */
export async function listSettingEvents(
  db: Queryable,
  filter: SettingEventFilter,
  { after, limit }: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly events: readonly RecordedSettingEvent[]; readonly next: Position | null }> {
  const found = await walkAll(pathsOf(filter), (path, step) => walkPath(db, path, filter, step), after, limit + 1);
  const { rows, until } = cutPage(found, limit, positionOf);
  return { events: rows, next: until };
}
