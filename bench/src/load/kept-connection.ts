import { type Socket, connect } from 'node:net';
import { answerReader } from './answer-reader.js';

/** Told once what became of a request: its status, or null where no answer came or none that can be read. */
export type Answered = (status: number | null) => void;

/** A connection on which one request at a time is under way. */
export interface KeptConnection {
  /** Sends what `written` has made; where the server has ended the connection, on a new one. */
  readonly send: (text: string, answered: Answered) => void;
  /** Ends it; what is unanswered gets none. */
  close(): void;
}

const PATIENCE_MS = 60_000;

/** Nothing but a socket: a client that knows all of HTTP takes several times the CPU time. */
export function keptConnection(url: string): KeptConnection {
  const { hostname, port } = new URL(url);
  let socket: Socket | undefined;
  let waiting: Answered | undefined;
  const tell = (status: number | null): void => {
    const answered = waiting;
    waiting = undefined;
    answered?.(status);
  };
  const open = (): Socket => {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true });
    const read = answerReader((status, last) => {
      if (last) opened.destroy();
      tell(status);
    });
    opened.setTimeout(PATIENCE_MS, () => opened.destroy());
    opened.on('data', (bytes) => {
      try {
        read(bytes);
      } catch {
        opened.destroy();
      }
    });
    opened.on('error', () => undefined);
    opened.once('close', () => { if (opened === socket) tell(null); });
    return opened;
  };
  return {
    send: (text, answered) => {
      if (socket?.writable !== true) socket = open();
      waiting = answered;
      socket.write(text);
    },
    close: () => socket?.destroy(),
  };
}
