import { DomainError, canonicalJson } from '@deptracker/domain';

/** Who changes a setting, in which request. */
export interface SettingContext {
  readonly actor: string | null;
  readonly requestId: string | null;
}

/** The same of a setting that there is already. */
export interface SettingChange extends SettingContext {
  /** The revision that the caller saw (If-Match); another one is `revision_mismatch`. Null does not compare. */
  readonly expectedRevision: number | null;
}

/** Raises `revision_mismatch` where the caller saw another revision of `what` (`The project`). */
export function assertSeen(what: string, current: number, expected: number | null): void {
  if (expected === null || expected === current) return;
  throw new DomainError({ code: 'revision_mismatch', current }, `${what} is at revision ${current} by now; read it again.`);
}

type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;

/** What differs, field by field, for the history; null where nothing does. */
export function changesBetween<T extends object>(before: T, after: T): Changes | null {
  const names = Object.keys(after) as (keyof T & string)[];
  const different = names.filter((name) => canonicalJson(before[name] ?? null) !== canonicalJson(after[name] ?? null));
  if (different.length === 0) return null;
  return Object.fromEntries(different.map((name) => [name, { from: before[name], to: after[name] }]));
}
