const UNITS = { b: 1, kb: 1024, mb: 1024 * 1024 } as const;

/** Reads a size such as `256kb`; without a unit it counts bytes. Returns bytes; null for none or zero. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d{1,9})(b|kb|mb)?$/i.exec(text);
  if (match === null) return null;
  const unit = (match[2] ?? 'b').toLowerCase() as keyof typeof UNITS;
  const bytes = Number(match[1]) * UNITS[unit];
  return bytes > 0 ? bytes : null;
}
