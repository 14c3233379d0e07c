import { Pool } from 'undici';
import type { LoadRequest } from './closed-loop.js';
import { type LoadResult, latencies, record, summary } from './latencies.js';

export interface OpenLoop {
  readonly url: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly next: () => LoadRequest;
  /** Called each second with that second's figures. */
  readonly onSecond?: (second: LoadResult) => void;
}

const MS = 1_000;

/**
 * Requests arrive evenly at a fixed rate, however long answers take; each is timed from the moment at which it was due,
 * so that one which had to wait for a connection or for the generator itself counts what its caller would have waited.
 */
export async function openLoop({ url, connections, perSecond, seconds, next, onSecond }: OpenLoop): Promise<LoadResult> {
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const all = latencies();
  let second = latencies();
  let errors = 0;
  let secondErrors = 0;
  let open = 0;
  const begin = performance.now();
  const total = perSecond * seconds;
  let sent = 0;

  const done = (dueAt: number, failed: boolean): void => {
    const waited = performance.now() - dueAt;
    record(all, waited);
    record(second, waited);
    if (failed) [errors, secondErrors] = [errors + 1, secondErrors + 1];
    open -= 1;
  };

  const send = (dueAt: number): void => {
    const { method, path, headers = {}, body } = next();
    open += 1;
    pool
      .request({ method, path, headers, ...(body === undefined ? {} : { body }) })
      .then(async (answer) => {
        await answer.body.dump();
        done(dueAt, answer.statusCode >= 400);
      })
      .catch(() => done(dueAt, true));
  };

  const ticker = onSecond && setInterval(() => {
    onSecond(summary(second, secondErrors, 1));
    [second, secondErrors] = [latencies(), 0];
  }, MS);
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - begin) / MS) * perSecond));
      for (; sent < due; sent += 1) send(begin + (sent / perSecond) * MS);
      if (sent < total) setTimeout(turn, 1);
      else if (open > 0) setTimeout(turn, 10);
      else resolve();
    };
    turn();
  });
  clearInterval(ticker);
  await pool.close();
  return summary(all, errors, seconds);
}
