const MICROS = 1_000_000;

/** Slack's timestamp for microseconds since 1970: `1700000000.000100`. */
export function microsToTs(micros: number): string {
  return `${Math.floor(micros / MICROS)}.${String(micros % MICROS).padStart(6, '0')}`;
}

/** Microseconds since 1970 of `1700000000`, `1700000000.1` or `1700000000.000100`; null for anything else. */
export function tsToMicros(ts: string): number | null {
  const [, seconds, fraction = ''] = /^(\d{1,10})(?:\.(\d{1,6}))?\d*$/.exec(ts) ?? [];
  return seconds === undefined ? null : Number(seconds) * MICROS + Number(fraction.padEnd(6, '0'));
}
