import autocannon from 'autocannon';
import type * as hdr from 'hdr-histogram-js';
import { latencies, record, summary } from './latencies.js';
import type { LoadRequest, Requests } from './load-request.js';
import type { LoadResult } from './load-result.js';

export interface ClosedLoop {
  /** The connections are spread over these evenly. */
  readonly urls: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  readonly requests: Requests;
  /** Told how many milliseconds each answer took. */
  readonly onAnswer?: (milliseconds: number) => void;
}

type Made = autocannon.Request;

const written = ({ method, path, headers = {}, body }: LoadRequest): Made => ({ method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) });

/** Requests that stay the same are put into words once: the generator is not to be what is measured. */
function madeOf(requests: Requests): Made[] {
  if (typeof requests !== 'function') return requests.map(written);
  return [{ setupRequest: (request) => ({ ...request, ...written(requests()) }) }];
}

async function against(url: string, { connections, seconds, requests, onAnswer }: ClosedLoop, times: hdr.Histogram): Promise<number> {
  let errors = 0;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options: autocannon.Options = { url, connections, duration: seconds, timeout: 30, requests: madeOf(requests) };
    const run = autocannon(options, (error: Error | null, done) => (error === null ? resolve(done) : reject(error)));
    run.on('response', (_client, status, _bytes, milliseconds) => {
      record(times, milliseconds);
      onAnswer?.(milliseconds);
      if (status >= 400) errors += 1;
    });
  });
  return errors + result.errors;
}

/** As many requests as are answered: each connection sends its next one when it has the answer. Finds what saturates. */
export async function closedLoop(loop: ClosedLoop): Promise<LoadResult> {
  const times = latencies();
  const connections = Math.ceil(loop.connections / loop.urls.length);
  const begin = performance.now();
  const errors = await Promise.all(loop.urls.map((url) => against(url, { ...loop, connections }, times)));
  return summary(times, errors.reduce((sum, one) => sum + one, 0), (performance.now() - begin) / 1_000);
}
