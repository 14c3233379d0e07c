import { Client } from 'undici';
import type { LoadRequest } from './load-request.js';

/** Told once what became of a request: its status, or null where no answer came. */
export type Answered = (status: number | null) => void;

export interface Connections {
  /** Sends on the connection that was idle longest, at once or when one is. */
  send(request: LoadRequest, answered: Answered): void;
  /** Ends them all, whatever is still unanswered on them. */
  close(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const OPENED_AT_ONCE = 100;

function sendOn(client: Client, { method, path, headers = {}, body }: LoadRequest, answered: Answered): void {
  let status: number | null = null;
  client.dispatch(
    { method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code) => { status = code; },
      onResponseData: () => undefined,
      onResponseEnd: () => answered(status),
      onResponseError: () => answered(null),
    },
  );
}

/** Opens so many connections, each of which is used in turn: an arrival meets the connection that waited longest. */
export async function openConnections(url: string, count: number): Promise<Connections> {
  const options = { pipelining: 1, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS, keepAliveTimeout: PATIENCE_MS };
  const clients = Array.from({ length: count }, () => new Client(url, options));
  // In portions and before anything is timed: that a thousand open in one moment is another question.
  for (let from = 0; from < count; from += OPENED_AT_ONCE) {
    const portion = clients.slice(from, from + OPENED_AT_ONCE);
    await Promise.all(portion.map((client) => new Promise<void>((resolve) => sendOn(client, { method: 'GET', path: '/health/ready' }, () => resolve()))));
  }
  const idle = [...clients];
  const waiting: { readonly request: LoadRequest; readonly answered: Answered }[] = [];
  const start = (client: Client, request: LoadRequest, answered: Answered): void =>
    sendOn(client, request, (status) => {
      const next = waiting.shift();
      if (next === undefined) idle.push(client);
      else start(client, next.request, next.answered);
      answered(status);
    });
  return {
    send: (request, answered) => {
      const client = idle.shift();
      if (client === undefined) waiting.push({ request, answered });
      else start(client, request, answered);
    },
    close: async () => {
      waiting.length = 0;
      await Promise.all(clients.map((client) => client.destroy()));
    },
  };
}

/** Sends one request and waits for its end; null where no answer came. */
export function answerOn(connections: Connections, request: LoadRequest): Promise<number | null> {
  return new Promise((resolve) => connections.send(request, resolve));
}
