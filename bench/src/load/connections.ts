import { type Answered, type KeptConnection, keptConnection } from './kept-connection.js';
import { type LoadRequest, inTurn } from './load-request.js';

export interface Connections {
  /** Whom requests are to name as their host. */
  readonly host: string;
  /** Sends what `written` has made, on the connection that was idle longest, at once or when one is. */
  send(text: string, answered: Answered): void;
  /** Ends them all, whatever is still unanswered on them. */
  close(): void;
}

const READY: LoadRequest = { method: 'GET', path: '/health/ready' };
const OPENED_AT_ONCE = 100;

/** Sends one request and waits for its end; null where no answer came. */
export function answerOn(connections: Pick<Connections, 'host' | 'send'>, request: LoadRequest): Promise<number | null> {
  return new Promise((resolve) => connections.send(inTurn([request], connections.host)(), resolve));
}

/** Opens in portions and before anything is timed: that a thousand open in one moment is another question. */
async function openAll(url: string, count: number): Promise<KeptConnection[]> {
  const { host } = new URL(url);
  const all = Array.from({ length: count }, () => keptConnection(url));
  for (let from = 0; from < count; from += OPENED_AT_ONCE) {
    const statuses = await Promise.all(all.slice(from, from + OPENED_AT_ONCE).map(({ send }) => answerOn({ host, send }, READY)));
    if (statuses.includes(null)) throw new Error(`${url}${READY.path} gives no answer, or none with a Content-Length.`);
  }
  return all;
}

/** Opens so many connections, each of which is used in turn: an arrival meets the connection that waited longest. */
export async function openConnections(url: string, count: number): Promise<Connections> {
  const all = await openAll(url, count);
  const idle = [...all];
  const waiting: { readonly text: string; readonly answered: Answered }[] = [];
  const start = (connection: KeptConnection, text: string, answered: Answered): void =>
    connection.send(text, (status) => {
      const next = waiting.shift();
      if (next === undefined) idle.push(connection);
      else start(connection, next.text, next.answered);
      answered(status);
    });
  return {
    host: new URL(url).host,
    send: (text, answered) => {
      const connection = idle.shift();
      if (connection === undefined) waiting.push({ text, answered });
      else start(connection, text, answered);
    },
    close: () => {
      waiting.length = 0;
      for (const connection of all) connection.close();
    },
  };
}
