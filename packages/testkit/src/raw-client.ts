import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

/** A client that sends bytes as it likes. */
export interface RawClient {
  send(text: string): void;
  /** What came so far. */
  received(): string;
  /** Resolves when the server has ended the connection. */
  readonly closed: Promise<void>;
  end(): void;
}

/** Connects to a server's address such as `http://127.0.0.1:8080`. */
export async function rawClient(address: string): Promise<RawClient> {
  const { hostname, port } = new URL(address);
  const socket: Socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  // A reset is an end too.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => undefined);
  await once(socket, 'connect');
  return { send: (more) => socket.write(more), received: () => text, closed, end: () => socket.destroy() };
}
