import { openConnections } from './connections.js';
import { at, latencies, record, summary } from './latencies.js';
import { type Requests, inTurn } from './load-request.js';
import type { LoadResult, Slice } from './load-result.js';
import { openTicker } from './ticker.js';

export interface OpenLoop {
  readonly url: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly requests: Requests;
  /** Length of a slice of the time series; without it there is none. */
  readonly sliceSeconds?: number;
}

const MS = 1_000;
/** Who has no answer so long after the last arrival is not waited for: a build that cannot keep up would take minutes. */
const PATIENCE_S = 10;

/** Counts what is answered, as a whole and in slices of time. */
function counter(begin: number, sliceSeconds: number | undefined) {
  const all = latencies();
  const slices: Slice[] = [];
  let errors = 0;
  let slice = { times: latencies(), errors: 0 };
  const cut = (): void => {
    const { times } = slice;
    const second = Math.round((performance.now() - begin) / MS);
    slices.push({ second, perSecond: times.totalCount / (sliceSeconds ?? 1), p50: at(times, 50), p99: at(times, 99), errors: slice.errors });
    slice = { times: latencies(), errors: 0 };
  };
  const timer = sliceSeconds === undefined ? undefined : setInterval(cut, sliceSeconds * MS);
  return {
    done: (dueAt: number, failed: boolean): void => {
      const waited = performance.now() - dueAt;
      record(all, waited);
      record(slice.times, waited);
      if (failed) [errors, slice.errors] = [errors + 1, slice.errors + 1];
    },
    result: (unanswered: number): LoadResult => {
      clearInterval(timer);
      const seconds = (performance.now() - begin) / MS;
      const requests = all.totalCount - unanswered;
      return { ...summary(all, errors, seconds), requests, perSecond: requests / seconds, ...(sliceSeconds === undefined ? {} : { slices }) };
    },
  };
}

/**
 * Requests arrive evenly at a fixed rate, however long answers take; each is timed from the moment at which it was due,
 * so that one which had to wait for a connection or for the generator itself counts what its caller would have waited.
 * What is unanswered ten seconds after the end counts as an error, with what it has waited by then.
 */
export async function openLoop({ url, connections, perSecond, seconds, requests, sliceSeconds }: OpenLoop): Promise<LoadResult> {
  const open = await openConnections(url, connections);
  const next = inTurn(requests, open.host);
  const ticker = await openTicker();
  const begin = performance.now();
  const count = counter(begin, sliceSeconds);
  const total = Math.round(perSecond * seconds);
  const pending = new Set<number>();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, (seconds + PATIENCE_S) * MS);
    const send = (dueAt: number): void => {
      pending.add(dueAt);
      open.send(next(), (status) => {
        if (!pending.delete(dueAt)) return;
        count.done(dueAt, status === null || status >= 400);
        if (sent < total || pending.size > 0) return;
        clearTimeout(timer);
        resolve();
      });
    };
    const turn = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - begin) / MS) * perSecond) + 1);
      while (sent < due) send(begin + (sent++ / perSecond) * MS);
    };
    ticker.start(begin, perSecond, seconds, turn);
    turn();
  });
  const unanswered = pending.size;
  for (const dueAt of pending) count.done(dueAt, true);
  pending.clear();
  const result = count.result(unanswered);
  open.close();
  return result;
}
