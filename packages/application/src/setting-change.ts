import { DomainError } from '@deptracker/domain';

/** Who changes a setting, in which request, and what they saw of it. */
export interface SettingChange {
  readonly actor: string | null;
  readonly requestId: string | null;
  /** The revision that the caller saw (If-Match); another one is `revision_mismatch`. Null does not compare. */
  readonly expectedRevision: number | null;
}

/** Raises `revision_mismatch` where the caller saw another revision of `what`. */
export function assertSeen(what: string, current: number, expected: number | null): void {
  if (expected === null || expected === current) return;
  throw new DomainError({ code: 'revision_mismatch', current }, `${what} is at revision ${current} by now; read it again.`);
}
