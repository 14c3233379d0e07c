import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came over the wire. */
export interface Received {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers each method by what was set for it, in order; the last answer stays. */
export interface FakeSlack {
  readonly apiUrl: string;
  readonly received: Received[];
  answer(method: string, ...answers: Answer[]): void;
  stop(): Promise<void>;
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

export const page =
  (html: string, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(html);
  };

/** Cuts the connection before anything is said. */
export const reset: Answer = (_response, request) => {
  request.socket.resetAndDestroy();
};

/** Never says anything. */
export const silence: Answer = () => undefined;

/** Begins an answer and never ends it. */
export const stall: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"ok":');
};

/** Begins an answer and cuts the connection in its middle. */
export const cut: Answer = (response, request) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"ok":', () => {
    request.socket.resetAndDestroy();
  });
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}

/** Starts a Slack on a port of its own on 127.0.0.1. */
export async function startFakeSlack(): Promise<FakeSlack> {
  const received: Received[] = [];
  const answers = new Map<string, Answer[]>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = (request.url ?? '').replace('/api/', '');
    const fields = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
    const { authorization, 'content-type': contentType } = request.headers;
    received.push({ method, authorization, contentType, fields });
    const queue = answers.get(method) ?? [];
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    (answer ?? json({ ok: false, error: 'unknown_method' }))(response, request);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    apiUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/`,
    received,
    answer: (method, ...list) => answers.set(method, list),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
