import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { FetchFunction } from '@slack/web-api';

/** Far more than a page of history has, in bytes; a longer answer would only fill our memory. */
const MAX_ANSWER = 20 * 1024 * 1024;

/** Milliseconds; shorter than servers keep a connection that is idle, lest a request meet its end. */
const IDLE_MS = 4_000;

/** An answer that is too large to be read. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** A whole answer, as Slack's client takes it. */
export type Answer = Awaited<ReturnType<FetchFunction>>;

export interface Letter {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Told of the answer's head before its body is read. */
  readonly heard: (head: Pick<Answer, 'status' | 'headers'>) => void;
}

function headOf(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // It stays: a connection that breaks later is told to whoever reads the answer.
    request.on('error', reject);
    request.end(body);
  });
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new AnswerTooLarge(`the answer is larger than ${String(MAX_ANSWER)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type Head = Pick<Answer, 'status' | 'statusText' | 'headers'>;

function asHead({ statusCode: status = 0, statusMessage: statusText = '', headers }: IncomingMessage): Head {
  const entries = (): [string, string][] => Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { status, statusText, headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null, entries } };
}

function asAnswer(url: string, head: Head, body: Buffer): Answer {
  const text = (): Promise<string> => Promise.resolve(body.toString('utf8'));
  return {
    ...head,
    ok: head.status >= 200 && head.status <= 299,
    url,
    text,
    json: async () => JSON.parse(await text()) as unknown,
    arrayBuffer: () => Promise.resolve(Uint8Array.from(body).buffer),
  };
}

/**
 * Posts, follows no redirect and reads the whole answer; rejects when the signal ends, and with `AnswerTooLarge` beyond
 * 20 MB, and then leaves the connection. Connections are kept for a moment. Node's fetch does the same for
 * more CPU, most of it in its streams.
 */
export function createPost(): (letter: Letter, signal: AbortSignal) => Promise<Answer> {
  const kept = { keepAlive: true, timeout: IDLE_MS };
  const plain = new HttpAgent(kept);
  const secure = new HttpsAgent(kept);
  return async ({ url, headers, body, heard }, signal) => {
    signal.throwIfAborted();
    const how = { method: 'POST', headers };
    const request = url.startsWith('https:') ? httpsRequest(url, { ...how, agent: secure }) : httpRequest(url, { ...how, agent: plain });
    const leave = (): void => {
      request.destroy();
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      const response = await headOf(request, body);
      const head = asHead(response);
      heard(head);
      return asAnswer(url, head, await bodyOf(response));
    } catch (error) {
      leave();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };
}
