import type * as hdr from 'hdr-histogram-js';
import { latencies, recordMany, summary } from './latencies.js';
import type { LoadResult } from './load-result.js';
import { type WrkRun, runWrk } from './run-wrk.js';

export interface ClosedLoop extends Omit<WrkRun, 'url'> {
  /** The connections are spread over these evenly. */
  readonly urls: readonly string[];
  /** Where the times of all answers are added too. */
  readonly addTo?: hdr.Histogram;
}

const MICROSECONDS = 1_000_000;

/**
 * As many requests as are answered: each connection sends its next one when it has the answer. Finds what saturates. The load
 * comes from wrk, one process an address, so that it takes little of the machine; an error when one of them fails.
 */
export async function closedLoop({ urls, connections, addTo, ...load }: ClosedLoop): Promise<LoadResult> {
  const each = Math.ceil(connections / urls.length);
  const reports = await Promise.all(urls.map((url) => runWrk({ ...load, url, connections: each })));
  const times = latencies();
  for (const { counts } of reports) for (const [time, count] of counts) recordMany(times, time, count);
  addTo?.add(times);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const requests = sum(reports.map((report) => report.requests));
  const errors = sum(reports.flatMap((report) => Object.values(report.errors)));
  const seconds = Math.max(...reports.map(({ duration }) => duration)) / MICROSECONDS;
  // Answers that took too long to be timed count as well.
  return { ...summary(times, errors, seconds), requests, perSecond: requests / seconds };
}
