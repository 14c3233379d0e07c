import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came over the wire. */
export interface Received {
  /** e.g. `GET /rest/api/3/myself`, without the query. */
  readonly line: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly body: unknown;
  /** The client's port, which is the same where a connection was used again. */
  readonly port: number | undefined;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Gives the answers that were set, in order; the last one stays. */
export interface FakeJira {
  readonly baseUrl: string;
  readonly received: Received[];
  answer(...answers: Answer[]): void;
  stop(): Promise<void>;
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

export const raw =
  (body: string, status: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

/** Cuts the connection before anything is said. */
export const reset: Answer = (_response, request) => {
  request.socket.resetAndDestroy();
};

/** Begins an answer and cuts the connection in its middle. */
export const cut: Answer = (response, request) => {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"id":', () => {
    request.socket.resetAndDestroy();
  });
};

/** Never says anything, but lets it be known that the request is there. */
export const silence =
  (arrived: () => void = () => undefined): Answer =>
  () => {
    arrived();
  };

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body === '' ? undefined : JSON.parse(body);
}

/** Starts a Jira on a port of its own on 127.0.0.1. */
export async function startFakeJira(): Promise<FakeJira> {
  const received: Received[] = [];
  let queue: Answer[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    received.push({
      line: `${request.method ?? ''} ${pathname}`,
      query: Object.fromEntries(searchParams),
      authorization: request.headers.authorization,
      body: await bodyOf(request),
      port: request.socket.remotePort,
    });
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    (answer ?? raw('', 404))(response, request);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    baseUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received,
    answer: (...answers) => {
      queue = answers;
      received.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
