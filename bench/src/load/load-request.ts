/** One request; `body` is JSON already. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The requests of a load: a list that is sent round and round, or one made anew for each request. */
export type Requests = readonly LoadRequest[] | (() => LoadRequest);

/** Gives one request after the other. */
export function inTurn(requests: Requests): () => LoadRequest {
  if (typeof requests === 'function') return requests;
  const [first] = requests;
  if (first === undefined) throw new Error('A load without requests.');
  let turn = 0;
  return () => requests[turn++ % requests.length] ?? first;
}
