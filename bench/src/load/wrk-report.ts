/** How many requests took so many microseconds. */
export type TimeCount = readonly [microseconds: number, count: number];

/** What `wrk.lua` prints. */
export interface WrkReport {
  /** Answers. */
  readonly requests: number;
  /** Microseconds. */
  readonly duration: number;
  /** How often something went wrong, by what it was; `status` are answers of 400 and above. */
  readonly errors: Readonly<Record<'connect' | 'read' | 'write' | 'status' | 'timeout', number>>;
  /** The shortest time first. */
  readonly counts: readonly TimeCount[];
}

/** Of so many answers one may be missing in the times. */
const TOLERANCE = 1 / 100;

/**
 * The times that were measured. Where one was longer than twice the mean, wrk has added what those would have waited who did
 * not come meanwhile: the time less the mean, less twice the mean, down to the mean. That would be right if each connection
 * sent at a fixed rate and all requests were alike, and neither is so: here it is taken back.
 */
export function measuredTimes({ requests, duration, counts }: Omit<WrkReport, 'errors'>, connections: number): TimeCount[] {
  const each = Math.floor(requests / connections);
  if (each === 0) return [...counts];
  const mean = Math.floor(duration / each);
  const corrected = new Map(counts);
  const measured = counts.map(([time, count]) => [time, time > mean ? count - (corrected.get(time + mean) ?? 0) : count] as const);
  return measured.filter(([, count]) => count !== 0);
}

/** Reads what wrk printed over so many connections; an error where the script's line is not there or does not add up. */
export function readReport(output: string, connections: number): WrkReport {
  const line = output.split('\n').findLast((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`wrk does not tell what it measured: ${output.trim() || 'it printed nothing'}`);
  const report = JSON.parse(line) as WrkReport;
  const counts = measuredTimes(report, connections);
  const timed = counts.reduce((sum, [, count]) => sum + count, 0);
  const off = Math.abs(report.requests - report.errors.timeout - timed);
  // The script reads wrk's memory, and its correction is its own affair: another version may do either in another way.
  if (off > report.requests * TOLERANCE || counts.some(([, count]) => count < 0)) {
    throw new Error(`wrk has ${report.requests} answers but times of ${timed}: this version keeps them in another way. Of 4.1.0 it is known how.`);
  }
  return { ...report, counts };
}
