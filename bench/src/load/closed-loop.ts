import autocannon from 'autocannon';
import { type LoadResult, latencies, record, summary } from './latencies.js';

/** One request; `body` is JSON already. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ClosedLoop {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly next: () => LoadRequest;
}

/** As many requests as are answered: each connection sends its next one when it has the answer. Finds what saturates. */
export async function closedLoop({ url, connections, seconds, next }: ClosedLoop): Promise<LoadResult> {
  const times = latencies();
  let errors = 0;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options: autocannon.Options = {
      url,
      connections,
      duration: seconds,
      timeout: 30,
      requests: [
        {
          setupRequest: (request) => {
            const { method, path, headers = {}, body } = next();
            return { ...request, method, path, headers: { ...request.headers, ...headers }, ...(body === undefined ? {} : { body }) };
          },
        },
      ],
    };
    const run = autocannon(options, (error: Error | null, done) => (error === null ? resolve(done) : reject(error)));
    run.on('response', (_client, status, _bytes, milliseconds) => {
      record(times, milliseconds);
      if (status >= 400) errors += 1;
    });
  });
  return summary(times, errors + result.errors, result.duration);
}
