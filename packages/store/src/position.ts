/** Where a page ended: the list goes on with what is older. `createdAt` is ISO-8601 UTC with Postgres's microseconds. */
export interface Position {
  readonly createdAt: string;
  readonly id: string;
}

/** SQL for a `timestamptz` as a position has it. The session's time zone must not show: a cursor may come back to another process. */
export const asInstant = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
