import { DomainError, canonicalJson } from '@deptracker/domain';

/** Who changes a setting, and what they know of it. */
export interface SettingContext {
  readonly actor: string | null;
  readonly requestId: string | null;
}

export interface SettingUpdate extends SettingContext {
  /** The revision that the caller saw (If-Match); null does not compare. */
  readonly expectedRevision: number | null;
}

/** Raises `revision_mismatch` where the caller has seen another revision. */
export function assertSeen(what: string, { revision }: { readonly revision: number }, expected: number | null): void {
  if (expected === null || expected === revision) return;
  throw new DomainError({ code: 'revision_mismatch', current: revision }, `The ${what} is at revision ${revision} by now; read it again.`);
}

type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;

/** What differs, field by field, for the history; null where nothing does. */
export function changesBetween<T extends object>(before: T, after: T): Changes | null {
  const names = Object.keys(after) as (keyof T & string)[];
  const different = names.filter((name) => canonicalJson(before[name] ?? null) !== canonicalJson(after[name] ?? null));
  if (different.length === 0) return null;
  return Object.fromEntries(different.map((name) => [name, { from: before[name], to: after[name] }]));
}
